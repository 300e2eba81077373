/** What the API server would refuse in the labels, the selectors and the names of any object (k8s.io/apimachinery). */
import { each, type Finding, type Problem } from "../rule.ts";
import { entries, indices, isAbsent, property } from "../values.ts";
import { isDnsLabel, isDnsName, isLabelKey, isLabelValue } from "./names.ts";

/** What looks for problems in a value. */
export type Check = (value: unknown, path: string) => Iterable<Finding>;

/** A problem that is put right where it is. */
export const wrong = (path: string, problem: string): Problem => ({ path, problem, fix: "Correct {path}." });
/** A value as it is written. */
export const shown = (value: unknown) => JSON.stringify(value);

/** What must be an object, or nothing at all. */
export function* object(value: unknown, path: string, check: Check): Iterable<Finding> {
  if (isAbsent(value)) return;
  if (typeof value !== "object" || Array.isArray(value)) yield wrong(path, `${shown(value)} is no object`);
  else yield* check(value, path);
}

/** What must be a list of objects, or nothing at all. */
export function* listed(value: unknown, path: string, check: Check): Iterable<Finding> {
  if (isAbsent(value)) return;
  if (!Array.isArray(value)) {
    yield wrong(path, `${shown(value)} is no list`);
    return;
  }
  yield* each(indices(value), (index) => object(property(value, index) ?? {}, `${path}[${String(index)}]`, check));
}

/** What must be a list of texts, or nothing at all. */
export function* strings(value: unknown, path: string): Iterable<Finding> {
  if (isAbsent(value)) return;
  const all =
    Array.isArray(value) && indices(value).every((index) => typeof (property(value, index) ?? "") === "string");
  if (!all) yield wrong(path, `${shown(value)} is no list of texts`);
}

/** What is wrong with the name, the namespace, the labels and the annotations of an object. */
export function* metadataProblems(metadata: unknown, path: string): Iterable<Finding> {
  for (const [key, isName] of [
    ["name", isDnsName],
    ["namespace", isDnsLabel],
  ] as const) {
    const name = property(metadata, key);
    if (isAbsent(name)) continue;
    if (typeof name !== "string" || !isName(name)) yield wrong(`${path}.${key}`, `${shown(name)} is no ${key} for it`);
  }
  yield* labelProblems(property(metadata, "labels"), `${path}.labels`);
  yield* object(property(metadata, "annotations"), `${path}.annotations`, function* (annotations, own) {
    for (const [key, value] of entries(annotations)) {
      // Annotations are keyed without regard to case.
      if (!isLabelKey(key.toLowerCase())) yield wrong(own, `${shown(key)} is no key of an annotation`);
      if (!isAbsent(value) && typeof value !== "string") yield wrong(own, `${shown(value)} is no text`);
    }
  });
}

function* labelProblems(labels: unknown, path: string): Iterable<Finding> {
  yield* object(labels, path, (all, own) =>
    each(
      entries(all).map(([key]) => key),
      function* (key) {
        if (!isLabelKey(key)) yield wrong(own, `${shown(key)} is no key of a label`);
        const value = property(all, key) ?? "";
        if (typeof value !== "string" || !isLabelValue(value))
          yield wrong(own, `${shown(value)} is no value of a label`);
      },
    ),
  );
}

/** What is wrong with a selector of labels. */
export function* selectorProblems(selector: unknown, path: string): Iterable<Finding> {
  yield* object(selector, path, function* (own) {
    yield* labelProblems(property(own, "matchLabels"), `${path}.matchLabels`);
    yield* listed(property(own, "matchExpressions"), `${path}.matchExpressions`, requirementProblems);
  });
}

function* requirementProblems(requirement: unknown, path: string): Iterable<Finding> {
  const [key, operator] = [property(requirement, "key"), property(requirement, "operator")];
  const values = property(requirement, "values");
  if (typeof key !== "string" || !isLabelKey(key)) yield wrong(`${path}.key`, `${shown(key)} is no key of a label`);
  yield* strings(values, `${path}.values`);
  const list = Array.isArray(values) ? (values as unknown[]) : [];
  if (operator === "In" || operator === "NotIn") {
    if (list.length === 0) yield wrong(`${path}.values`, `${operator} has no values to look for`);
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (list.length > 0) yield wrong(`${path}.values`, `${operator} takes no values`);
  } else yield wrong(`${path}.operator`, `${shown(operator)} is none of In, NotIn, Exists and DoesNotExist`);
  for (const value of list) {
    if (typeof value === "string" && !isLabelValue(value))
      yield wrong(`${path}.values`, `${shown(value)} is no value of a label`);
  }
}
