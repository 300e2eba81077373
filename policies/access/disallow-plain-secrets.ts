/** Credentials lie in Secrets. */
import { isHarmless, isNumber, isSecretName, shapeIn } from "../lib/access/secret-shapes.ts";
import { itemsOf } from "../lib/items.ts";
import { groupOf } from "../lib/lookup.ts";
import type { KubernetesObject } from "../lib/object.ts";
import { defineRule, each, type Finding, noParameters } from "../lib/rule.ts";
import { pathTo } from "../lib/unknown.ts";
import { property, text } from "../lib/values.ts";
import { type Container, workloadOf } from "../lib/workload.ts";

/** Refuses credentials that are written into a workload or a ConfigMap; what it finds is in no message. */
export const disallowPlainSecrets = defineRule({
  name: "access-disallow-plain-secrets",
  severity: "high",
  level: "mandatory",
  title: "No credential stands in the environment or the arguments of a container, or in a ConfigMap.",
  why: "Whoever may look at a workload then has it: in the repository, in the state, in every dump and log of it.",
  fix: "Put it into a Secret, and name that with valueFrom.secretKeyRef, or mount it as a file.",
  sees: "object",
  notCel: "to search a large ConfigMap for the shapes of credentials costs more than the API server grants a policy",
  parameters: noParameters,
  *check(object) {
    const containers = workloadOf(object)?.containers;
    if (containers !== undefined) yield* each(containers, inContainer);
    else if (object.kind === "ConfigMap" && groupOf(object) === "") yield* inConfigMap(object);
  },
});

function* inContainer({ name: container, path, value }: Container): Iterable<Finding> {
  yield* each(itemsOf(property(value, "env"), `${path}.env`), function* (variable) {
    const one = variable.read();
    const [name, written] = [text(property(one, "name")) ?? "", text(property(one, "value"))];
    if (written === undefined) return;
    const what = credentialIn(name, written);
    if (what === undefined) return;
    const problem = `container "${container}" has ${what} in its variable ${name}`;
    const fix = "Put it into a Secret, and name that in valueFrom.secretKeyRef in the place of {path}.";
    yield { path: `${variable.path}.value`, problem, fix };
  });
  yield* each(["command", "args"], function* (key) {
    yield* each(itemsOf(property(value, key), `${path}.${key}`), function* (word) {
      const what = shapeIn(text(word.read()) ?? "");
      if (what === undefined) return;
      const problem = `container "${container}" has ${what} in its ${key}`;
      const fix = "Put it into a Secret, and pass $(NAME) of a variable from there in {path}.";
      yield { path: word.path, problem, fix };
    });
  });
}

function* inConfigMap({ value }: KubernetesObject): Iterable<Finding> {
  const data = property(value, "data");
  if (typeof data !== "object" || data === null) return;
  yield* each(Object.keys(data), function* (key) {
    const what = credentialIn(key, text(property(data, key)) ?? "");
    if (what === undefined) return;
    const fix = "Move {path} to a Secret.";
    yield { path: pathTo("data", key), problem: `it holds ${what} under the key ${key}`, fix };
  });
}

/** What credential a value is, by its shape or by its name. */
function credentialIn(name: string, value: string): string | undefined {
  const shape = shapeIn(value);
  if (shape !== undefined) return shape;
  // What has several lines is a file, whose name says little about it.
  if (!isSecretName(name) || isHarmless(value) || value.trim().includes("\n")) return undefined;
  return isNumber(value) && !/pass|pwd/i.test(name) ? undefined : "what its name says is a credential";
}
