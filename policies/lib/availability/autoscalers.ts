/** HorizontalPodAutoscalers, by what they scale. */
import { groupOf, elsewhere, isOwned, lookupOf, nameOf, ofKind } from "../lookup.ts";
import { type KubernetesObject, namespaceOf, type Objects } from "../object.ts";
import { at, numberOf, property, text } from "../values.ts";

/** One autoscaler. Reading a bound that is not known yet throws UnknownValue. */
export class Autoscaler {
  readonly object: KubernetesObject;

  constructor(object: KubernetesObject) {
    this.object = object;
  }

  get name(): string {
    return this.object.name;
  }

  /** How few pods it leaves. @default 1, the API server's own */
  get min(): number {
    return this.bound("minReplicas") ?? 1;
  }

  get max(): number {
    return this.bound("maxReplicas") ?? this.min;
  }

  private bound(key: string): number | undefined {
    return numberOf(elsewhere(this.object, () => at(this.object.value, "spec", key)));
  }
}

/** What an autoscaler scales; `undefined` before it says a kind and a name. */
export function targetOf(object: KubernetesObject) {
  const target = at(object.value, "spec", "scaleTargetRef");
  const [kind, name] = [text(property(target, "kind")), text(property(target, "name"))];
  if (kind === undefined || name === undefined) return undefined;
  return { group: groupOf({ apiVersion: text(property(target, "apiVersion")) ?? "" }), kind, name };
}

/** Autoscalers by the namespace, the kind and the name of what they scale. */
export const autoscalers = lookupOf<Autoscaler>(ofKind("autoscaling", "HorizontalPodAutoscaler"), (object) => {
  const target = targetOf(object);
  if (target === undefined || object.patch || isOwned(object)) return [];
  return [[`${namespaceOf(object)} ${target.kind} ${target.name}`, new Autoscaler(object)]];
});

/** The autoscalers of a workload; throws UnknownValue where one that is not known yet may be. */
export function autoscalersOf(object: KubernetesObject, objects: Objects): readonly Autoscaler[] {
  const [namespace, all] = [namespaceOf(object), autoscalers(objects)];
  const own = all.at(`${namespace} ${object.kind} ${nameOf(object)}`);
  if (own.length === 0) all.mustHaveRead(namespace);
  return own;
}
