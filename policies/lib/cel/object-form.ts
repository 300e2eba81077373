/** An object that is no workload, as the API server shows it to its policies; it has no default that a rule asks for. */
import { celList, type CelInput } from "@bufbuild/cel";
import { itemsOf } from "../items.ts";
import type { KubernetesObject } from "../object.ts";
import { at } from "../values.ts";
import type { Variables } from "./admitted-form.ts";
import { celValue, lazyMap, objectOf } from "./values.ts";

const known = new WeakMap<KubernetesObject, CelInput>();

/** Every rule reads the same. */
function wholeOf(object: KubernetesObject): CelInput {
  const made = known.get(object) ?? objectOf(object.value);
  known.set(object, made);
  return made;
}

/**
 * What checks see of an object, by name. What the API server is given in its place is in cluster-form.ts.
 *
 * @param lists paths of lists, by the names under which checks look at them
 */
export function variablesOfObject(object: KubernetesObject, lists: Readonly<Record<string, string>> = {}): Variables {
  return (name) => {
    if (name === "object") return wholeOf(object);
    if (name === "kind") return object.kind;
    if (name === "whole") return celList([itemAt("", () => wholeOf(object))]);
    const path = lists[name];
    if (path === undefined) return undefined;
    const items = itemsOf(at(object.value, ...path.split(".")), path);
    return celList(items.map((item) => itemAt(item.path, () => celValue(item.read()) ?? null)));
  };
}

/**
 * An item, which says only where it is: what it is, the rule knows. Its value is read when it is asked for, so that one
 * that is not known yet hides nothing of the others.
 */
const itemAt = (path: string, value: () => CelInput): CelInput => {
  const parts = new Map([
    ["who", () => (path === "" ? "it" : path)],
    ["path", () => path],
    ["value", value],
  ]);
  return lazyMap(
    () => [...parts.keys()],
    (key) => parts.get(key)?.(),
  );
};
