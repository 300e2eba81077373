/** Calls are led to somebody who is there. */
import { destinationsOf, fullHost, isDestinationRule, isKnownHost, isVirtualService, serviceOf } from "../lib/mesh.ts";
import { namespaceOf } from "../lib/object.ts";
import { defineRule, each, type Finding, noParameters } from "../lib/rule.ts";
import { services } from "../lib/services.ts";
import { at, text } from "../lib/values.ts";

/** Refuses a VirtualService or a DestinationRule for a host that is no Service and no ServiceEntry of the stack. */
export const requireKnownHosts = defineRule({
  name: "mesh-require-known-hosts",
  severity: "high",
  level: "mandatory",
  title: "The hosts that a VirtualService leads to, and that a DestinationRule is for, are Services or ServiceEntries.",
  why: "Calls to a host that nobody knows are answered 503, and rules for one are heeded by nobody.",
  fix: "Write the Service's name, with namespace and domain where it is in another one, or add a ServiceEntry.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    const namespace = namespaceOf(object);
    const problem = function* (host: string, path: string): Iterable<Finding> {
      if (host !== "" && (host.startsWith("*") || isKnownHost(host, namespace, objects))) return;
      const [name = "", of = ""] = host.split(".");
      const short =
        serviceOf(fullHost(host, namespace)) === undefined && services(objects).at(`${of}/${name}`).length > 0;
      const where = short
        ? `, as it is written: Service ${of}/${name} is ${name}.${of}.svc and the cluster's domain`
        : "";
      yield { path, problem: `the stack has no Service and no ServiceEntry ${host}${where}`, fix: "Correct {path}." };
    };
    if (isVirtualService(object)) {
      yield* each(destinationsOf(object), function* (read) {
        const { host, path } = read();
        yield* problem(host, `${path}.host`);
      });
    } else if (isDestinationRule(object)) {
      yield* problem(text(at(object.value, "spec", "host")) ?? "", "spec.host");
    }
  },
});
