/** What is let in leads somewhere. */
import { backendsOf as backendsOfRoute, isRoute } from "../lib/ingress/gateways.ts";
import { backendOf, backendsOf, isIngress } from "../lib/ingress/ingresses.ts";
import { keyOf } from "../lib/lookup.ts";
import { namespaceOf, type Objects } from "../lib/object.ts";
import { defineRule, each, type Finding, noParameters } from "../lib/rule.ts";
import { hasPort, services } from "../lib/services.ts";

/** Refuses an Ingress or a route to a Service that the stack does not make, or to a port that it has not. */
export const requireBackends = defineRule({
  name: "ingress-require-backends",
  severity: "high",
  level: "mandatory",
  title: "The Service and the port that an Ingress or a route names are there.",
  why: "Every request is otherwise answered 503 or 500, which nobody sees before the first one comes.",
  fix: "Correct the name or the port, or make the Service.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (isIngress(object)) {
      const namespace = namespaceOf(object);
      yield* each(backendsOf(object), function* (item) {
        const backend = backendOf(object, item);
        if (backend === undefined) return;
        const { name, port, namePath, portPath } = backend;
        if (name === undefined || port === undefined) {
          const [path, what] = name === undefined ? [namePath, "no Service"] : [portPath, "no port of the Service"];
          yield { path, problem: `a path names ${what}`, fix: "Write it in {path}." };
        } else yield* problemsOf(objects, namespace, name, port, namePath, portPath);
      });
    }
    if (!isRoute(object)) return;
    yield* each(backendsOfRoute(object), function* (read) {
      const { path, group, kind, namespace, name, port } = read();
      if (group !== "" || kind !== "Service") return;
      if (port === undefined) {
        yield { path: `${path}.port`, problem: `it names no port of Service ${name}`, fix: "Write it in {path}." };
      } else yield* problemsOf(objects, namespace, name, port, `${path}.name`, `${path}.port`);
    });
  },
});

function* problemsOf(
  objects: Objects,
  namespace: string,
  name: string,
  port: number | string,
  namePath: string,
  portPath: string,
): Iterable<Finding> {
  const [service] = services(objects).at(keyOf(namespace, name));
  if (service === undefined) {
    services(objects).mustHaveRead(namespace);
    const problem = `the stack makes no Service ${name} in ${namespace}`;
    yield { path: namePath, problem, fix: "Correct {path}, or make what it names." };
  } else if (!hasPort(service, port)) {
    const problem = `Service ${name} has no port ${String(port)}`;
    yield { path: portPath, problem, fix: "Correct {path}: it is the port of the Service, and not of its pods." };
  }
}
