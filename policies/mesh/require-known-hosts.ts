/** Calls are led to somebody who is there. */
import { elsewhere } from "../lib/lookup.ts";
import { isKnownHost, serviceAt, serviceOf } from "../lib/mesh/hosts.ts";
import { type Destination, destinationsOf, isDestinationRule, isVirtualService } from "../lib/mesh/mesh.ts";
import { namespaceOf, type Objects } from "../lib/object.ts";
import { defineRule, each, type Finding, noParameters } from "../lib/rule.ts";
import { isAlias, portsOf, services } from "../lib/services.ts";
import { at, text } from "../lib/values.ts";

/** Refuses a VirtualService or a DestinationRule for a host that is no Service and no ServiceEntry of the stack. */
export const requireKnownHosts = defineRule({
  name: "mesh-require-known-hosts",
  severity: "high",
  level: "mandatory",
  title:
    "The hosts and ports that a VirtualService leads to, and the hosts of DestinationRules, are those of Services or ServiceEntries.",
  why: "Calls to a host that nobody knows are answered 503, and rules for one are heeded by nobody.",
  fix: "Write the Service's name, with namespace and domain where it is in another one, or add a ServiceEntry.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    const namespace = namespaceOf(object);
    const problem = function* (host: string, path: string): Iterable<Finding> {
      if (isKnownHost(host, namespace, objects)) return;
      const [name = "", of = ""] = host.split(".");
      const short = serviceOf(host, namespace) === undefined && services(objects).at(`${of}/${name}`).length > 0;
      const where = short
        ? `, as it is written: Service ${of}/${name} is ${name}.${of}.svc and the cluster's domain`
        : "";
      yield { path, problem: `the stack has no Service and no ServiceEntry ${host}${where}`, fix: "Correct {path}." };
    };
    if (isVirtualService(object)) {
      yield* each(destinationsOf(object), function* (read) {
        const destination = read();
        yield* problem(destination.host, `${destination.path}.host`);
        yield* portProblems(destination, namespace, objects);
      });
    } else if (isDestinationRule(object)) {
      const host = text(at(object.value, "spec", "host")) ?? "";
      // A pattern is for whichever hosts there are.
      if (!host.startsWith("*")) yield* problem(host, "spec.host");
    }
  },
});

/** A destination names one of its Service's ports, and must where there are several. */
function* portProblems({ host, path, port }: Destination, namespace: string, objects: Objects): Iterable<Finding> {
  const service = serviceAt(host, namespace, objects);
  if (service === undefined || service.patch || isAlias(service)) return;
  const ports = elsewhere(service, () => portsOf(service).map((read) => read().port));
  const there = `Service ${service.name} has ${ports.join(" and ")}`;
  if (port !== undefined && !ports.includes(port)) {
    yield {
      path: `${path}.port.number`,
      problem: `there is no port ${String(port)}, ${there}`,
      fix: "Correct {path}.",
    };
  } else if (port === undefined && ports.length > 1) {
    yield { path: `${path}.port`, problem: `it names no port, and ${there}`, fix: "Name one in {path}." };
  }
}
