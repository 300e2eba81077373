/** A listener for HTTPS has a certificate. */
import { isGateway, listenersOf } from "../lib/ingress/gateways.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";
import { at, entries, list, property, text } from "../lib/values.ts";

/** Refuses a listener that ends TLS, and names no certificate. */
export const requireListenerTls = defineRule({
  name: "ingress-require-listener-tls",
  severity: "high",
  level: "mandatory",
  title: "Every listener for HTTPS or TLS names the certificate that it shows.",
  why: "Without one nobody can connect to it, and only the Gateway's status says so.",
  fix: "Name the Secret of the certificate in tls.certificateRefs, or pass TLS through.",
  sees: "object",
  parameters: noParameters,
  *check(object) {
    if (!isGateway(object)) return;
    yield* each(listenersOf(object), function* ({ path, read }) {
      const listener = read();
      const protocol = text(property(listener, "protocol")) ?? "";
      if (protocol !== "HTTPS" && protocol !== "TLS") return;
      const tls = property(listener, "tls");
      if (property(tls, "mode") === "Passthrough") {
        if (protocol === "TLS") return;
        const problem = "a listener for HTTPS cannot pass TLS through";
        yield { path: `${path}.tls.mode`, problem, fix: "Set {path} to Terminate, or the protocol to TLS." };
      }
      // An implementation's own way to a certificate is in the options.
      if (list(at(tls, "certificateRefs")).length > 0 || entries(at(tls, "options")).length > 0) return;
      const name = text(property(listener, "name")) ?? "";
      const problem = `the listener ${name} for ${protocol} names no certificate`;
      yield { path: `${path}.tls.certificateRefs`, problem, fix: "Name its Secret in {path}." };
    });
  },
});
