/** What a rollout changes in its environment's file: one number. Text in, text out, comments kept. */
import { isMap, isScalar, parseDocument } from "yaml";

const rollouts = ["config", "quintet:rollouts"] as const;

/**
 * Another step of a rollout.
 *
 * @param ref the Service, as namespace/name
 * @throws Error when the file has no rollout of it
 */
export function withStep(text: string, ref: string, step: number): string {
  const file = parseDocument(text);
  if (!isMap(file.getIn([...rollouts, ref]))) {
    throw new Error(`There is no rollout of ${ref} under quintet:rollouts.`);
  }
  const old = file.getIn([...rollouts, ref, "step"], true);
  if (isScalar(old) && old.range) {
    const [start, end] = old.range;
    return `${text.slice(0, start)}${String(step)}${text.slice(end)}`; // the rest stays as it was written
  }
  file.setIn([...rollouts, ref, "step"], step);
  return file.toString({ lineWidth: 0 });
}
