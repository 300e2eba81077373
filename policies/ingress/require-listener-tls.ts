/** A listener for HTTPS has a certificate. */
import { given, orElse } from "../lib/cel/form.ts";
import { gateways } from "../lib/cel/kinds.ts";
import { celRule } from "../lib/cel/rule.ts";
import { noParameters } from "../lib/rule.ts";

const protocol = orElse("it.value.protocol", '""');
const mode = orElse("it.value.tls.mode", '""');
const some = (path: string) => `(${given(path)} && ${path}.size() > 0)`;

/** Refuses a listener that ends TLS, and names no certificate. */
export const requireListenerTls = celRule({
  name: "ingress-require-listener-tls",
  severity: "high",
  level: "mandatory",
  title: "Every listener for HTTPS or TLS names the certificate that it shows.",
  why: "Without one nobody can connect to it, and only the Gateway's status says so.",
  fix: "Name the Secret of the certificate in tls.certificateRefs, or pass TLS through.",
  parameters: noParameters,
  about: gateways,
  cel: () => ({
    lists: { listeners: "spec.listeners" },
    checks: [
      {
        each: "listeners",
        where: `${protocol} == "HTTPS"`,
        valid: `${mode} != "Passthrough"`,
        path: "{it.path}.tls.mode",
        problem: "a listener for HTTPS cannot pass TLS through",
        fix: "Set {path} to Terminate, or the protocol to TLS.",
      },
      {
        each: "listeners",
        where: `${protocol} == "HTTPS" || (${protocol} == "TLS" && ${mode} != "Passthrough")`,
        // An implementation's own way to a certificate is in the options.
        valid: `${some("it.value.tls.certificateRefs")} || ${some("it.value.tls.options")}`,
        path: "{it.path}.tls.certificateRefs",
        problem: `the listener {${orElse("it.value.name", '""')}} for {${protocol}} names no certificate`,
        fix: "Name its Secret in {path}.",
      },
    ],
  }),
});
