/** What rules put right by themselves, where their level says so: it is added before anybody judges the object. */
import type { KubernetesObject } from "./object.ts";
import { covers, type Settings } from "./judge.ts";
import type { Repair, Rule } from "./rule.ts";
import { UnknownValue } from "./unknown.ts";
import { isAbsent, property } from "./values.ts";

/** What is to be added to an object by the rules that are to put right what they find, but for what is exempt. */
export function remedying(
  rules: readonly Rule[],
  { config, today }: Settings,
): (object: KubernetesObject) => readonly Repair[] {
  const asked = rules.flatMap(({ name, remedy }) => {
    if (remedy === undefined || config.rules[name]?.level !== "remediate") return [];
    return [{ remedy, exemptions: config.exemptions.filter(({ rule, expires }) => rule === name && expires >= today) }];
  });
  return (object) =>
    asked.flatMap(({ remedy, exemptions }) =>
      known(() => remedy.repairs(object)).filter(
        ({ path }) => !exemptions.some((exemption) => covers(exemption, object, path)),
      ),
    );
}

/** Nothing where a value is not known: it is judged again in the update. */
function known(repairs: () => Iterable<Repair>): Repair[] {
  try {
    return [...repairs()];
  } catch (error) {
    if (error instanceof UnknownValue) return [];
    throw error;
  }
}

/** A value with what repairs add to it; what is written is as it was, and so is the value itself. */
export const repaired = (value: object, repairs: readonly Repair[]): object =>
  repairs.reduce((sum: object, { path, value: added }) => withAdded(sum, stepsOf(path), added) as object, value);

/** The steps of a path: "spec.containers[0]" has three. */
const stepsOf = (path: string): string[] => path.split(/[.[\]]+/).filter((step) => step !== "");

function withAdded(value: unknown, [step, ...rest]: readonly string[], added: unknown): unknown {
  if (step === undefined) return isAbsent(value) ? added : value;
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (String(index) === step ? withAdded(item, rest, added) : item));
  }
  // What is encrypted, or not known, is not looked into.
  const isOpen = isAbsent(value) || (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype);
  return isOpen ? { ...value, [step]: withAdded(property(value, step), rest, added) } : value;
}
