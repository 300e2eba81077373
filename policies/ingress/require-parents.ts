/** A route is attached to a Gateway that takes it. */
import { gatewayApi, gateways, isRoute, parentsOf } from "../lib/ingress/gateways.ts";
import { listenersFor } from "../lib/ingress/listeners.ts";
import { namespaceOf } from "../lib/object.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";

/** Refuses a route to a Gateway, or a listener of one, that is not there or does not take it. */
export const requireParents = defineRule({
  name: "ingress-require-parents",
  severity: "high",
  level: "mandatory",
  title: "The Gateway and the listener that a route names are there, and take routes of its namespace.",
  why: "A route that no listener takes is served by nobody, and only its status says so.",
  fix: "Correct parentRefs, or let the listener's allowedRoutes take the namespace.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (!isRoute(object)) return;
    const parents = parentsOf(object);
    if (parents.length === 0) {
      yield { path: "spec.parentRefs", problem: "it is attached to no Gateway", fix: "Name one in {path}." };
    }
    yield* each(parents, function* (read) {
      const parent = read();
      const { path, group, kind, namespace, name } = parent;
      if (group !== gatewayApi || kind !== "Gateway") return;
      const listeners = listenersFor(object, parent, objects);
      if (listeners === undefined) {
        gateways(objects).mustHaveRead(namespace);
        // Another stack's Gateway is in a namespace of that stack.
        if (objects.named("Namespace", namespace) === undefined && gateways(objects).isEmpty) return;
        const problem = `the stack makes no Gateway ${name} in ${namespace}`;
        yield { path: `${path}.name`, problem, fix: "Correct {path}, or make what it names." };
      } else if (listeners.length === 0) {
        const which = parent.section ?? `on port ${String(parent.port)}`;
        const problem = `Gateway ${namespace}/${name} has no listener ${which}`;
        yield {
          path: `${path}.${parent.section === undefined ? "port" : "sectionName"}`,
          problem,
          fix: "Correct {path}.",
        };
      } else if (!listeners.some(({ allows }) => allows)) {
        const problem = `no listener of Gateway ${namespace}/${name} that it names takes routes of namespace ${namespaceOf(object)}`;
        yield { path, problem, fix: "Name another in {path}, or let its allowedRoutes take the namespace." };
      }
    });
  },
});
