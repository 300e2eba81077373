/** The mesh knows what each port speaks. */
import { isKind } from "../lib/lookup.ts";
import { meshOf } from "../lib/mesh/mesh.ts";
import { namespaceOf } from "../lib/object.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";
import { isAlias, portsOf } from "../lib/services.ts";

/** What Istio reads out of a port's name or its appProtocol (istio.io/docs/ops/configuration/traffic-management/protocol-selection). */
const protocols = "grpc|grpc-web|http|http2|https|http-proxy|hbone|mongo|mysql|redis|tcp|tls|udp";
const named = new RegExp(`^(${protocols})(-.+)?$`);
const said = new RegExp(`^(${protocols}|kubernetes\\.io/(h2c|ws|wss))$`, "i");

/** Refuses a port of a Service in the mesh that does not say its protocol. */
export const requirePortProtocols = defineRule({
  name: "mesh-require-port-protocols",
  severity: "medium",
  level: "mandatory",
  title: "Every port of a Service in the mesh says its protocol: by appProtocol, or by a name like http or grpc-web.",
  why: "Istio guesses otherwise, from the first bytes: what it takes for plain TCP has no retries, no routes and no metrics of its requests, and a server that speaks first waits.",
  fix: "Set appProtocol, or begin the port's name with the protocol.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (!isKind(object, "", "Service") || isAlias(object)) return;
    if (meshOf(namespaceOf(object), objects) === undefined) return;
    yield* each(portsOf(object), function* (read) {
      const { path, name, port, protocol, appProtocol } = read();
      if (protocol !== "TCP") return;
      if (appProtocol === undefined ? named.test(name ?? "") : said.test(appProtocol)) return;
      const who = `port ${String(port ?? name ?? "")}`;
      const how =
        appProtocol === undefined
          ? name === undefined
            ? "has no name"
            : `is called ${name}`
          : `has the appProtocol ${appProtocol}`;
      const at = appProtocol === undefined ? `${path}.name` : `${path}.appProtocol`;
      yield {
        path: at,
        problem: `${who} ${how}, which says no protocol that Istio knows`,
        fix: "Set appProtocol beside {path}, or begin the name with the protocol.",
      };
    });
  },
});
