/** Label selectors as somebody wrote them. */
import { type LabelSelector, type Labels, selects } from "../../../components/network-policy.ts";
import { UnknownValue } from "../unknown.ts";
import { entries, list, property, text } from "../values.ts";
import { selectorProblems } from "./problems.ts";

const operators = ["In", "NotIn", "Exists", "DoesNotExist"] as const;

/**
 * A selector that the API server would take; `undefined` for none, and for one that it refuses.
 *
 * @throws UnknownValue before it is known
 */
export function selectorOf(selector: unknown): LabelSelector | undefined {
  if (typeof selector !== "object" || selector === null) return undefined;
  for (const finding of selectorProblems(selector, "")) {
    if ("unknown" in finding) throw new UnknownValue(finding.path, finding.unknown);
    return undefined;
  }
  const matchExpressions = list(property(selector, "matchExpressions")).map((one) => ({
    key: text(property(one, "key")) ?? "",
    operator: operators.find((known) => known === property(one, "operator")) ?? "Exists",
    values: list(property(one, "values")).map((value) => text(value) ?? ""),
  }));
  return { matchLabels: labelsOf(property(selector, "matchLabels")), matchExpressions };
}

/** Labels, as somebody wrote them. */
export const labelsOf = (labels: unknown): Labels =>
  Object.fromEntries(entries(labels).map(([key, value]) => [key, text(value) ?? ""]));

/** Whether a selector picks labels; none picks nothing. */
export const picks = (selector: LabelSelector | undefined, labels: Labels): boolean =>
  selector !== undefined && selects(selector, labels);

/** Whether plain labels, as a Service selects by, are all among others; none select nothing. */
export const hasAll = (wanted: Labels, labels: Labels): boolean =>
  Object.keys(wanted).length > 0 && Object.entries(wanted).every(([key, value]) => labels[key] === value);
