/** An update of several pods leaves some of them running. */
import { saidOf, severalPodsOf } from "../lib/availability/replicas.ts";
import { defineRule, noParameters } from "../lib/rule.ts";
import { property, at } from "../lib/values.ts";

/** Tells of a Deployment of several pods that stops all of them before it starts new ones. */
export const disallowRecreate = defineRule({
  name: "availability-disallow-recreate",
  severity: "low",
  level: "advisory",
  title: "A Deployment of several pods is not updated by Recreate.",
  why: "Every update stops all pods before the first new one starts: nobody is served for as long as that takes.",
  fix: "Leave spec.strategy out, which is a rolling update, or have one pod.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (object.kind !== "Deployment") return;
    if (property(at(object.value, "spec", "strategy"), "type") !== "Recreate") return;
    const several = severalPodsOf(object, objects);
    if (several === undefined) return;
    const problem = `an update stops all of its pods at once, ${saidOf(several.replicas)}`;
    yield { path: "spec.strategy.type", problem, fix: "Set {path} to RollingUpdate." };
  },
});
