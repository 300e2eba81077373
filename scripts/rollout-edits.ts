/** What a rollout changes in its environment's file: one number. Text in, text out, comments kept. */
import { isMap, parseDocument } from "yaml";

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
    const all = file.getIn(rollouts);
    const refs = isMap(all) ? all.items.map(({ key }) => String(key)) : [];
    const there = refs.length === 0 ? "there are none" : `there are those of ${refs.join(", ")}`;
    throw new Error(`There is no rollout of ${ref} under quintet:rollouts, ${there}.`);
  }
  file.setIn([...rollouts, ref, "step"], step);
  return file.toString({ lineWidth: 0 });
}
