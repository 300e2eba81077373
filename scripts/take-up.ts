/** Takes up what a run that was cut off has left in a stack's state, before the next one begins. */
import { adopt, type Found } from "./adopt.ts";
import { Clusters } from "./state-clusters.ts";
import { exportSchema, managerOf, type Pending, pendingCreates } from "./pending.ts";

/** What is done to a stack's state; scripts/stack.ts does it with the engine. */
export interface StateHands {
  readonly stack: string;
  /** The state with its secrets encrypted. */
  readonly exported: () => Promise<string>;
  /** The state in the clear, for the way to a cluster that stands in it: it is kept nowhere. */
  readonly revealed: () => Promise<string>;
  /** Replaces the state. */
  readonly imported: (state: string) => Promise<void>;
  /** The kubeconfig of the stack's cluster, when this machine has it. */
  readonly kubeconfig: string | undefined;
}

/**
 * Looks for each object whose creation was begun and not ended: what is there is adopted, and what is not is forgotten,
 * so that the next run makes it.
 *
 * @throws in a sentence when that cannot be known; nothing is changed then
 */
export async function takeUp(hands: StateHands, say: (line: string) => void): Promise<void> {
  const state = exportSchema.parse(JSON.parse(await hands.exported()));
  if ((state.deployment.pending_operations ?? []).length === 0) return;
  const creates = pendingCreates(state);
  const unknown = creates.filter(({ means }) => means === "ask");
  if (unknown.length > 0) throw new Error(askSentence(hands.stack, unknown));
  const found: Found[] = [];
  await using clusters = new Clusters(hands, state);
  for (const pending of creates) {
    if (typeof pending.means === "string") continue;
    const live = await clusters.find(pending, pending.means);
    const manager = live === undefined ? undefined : managerOf(pending, live, state);
    if (manager !== undefined) found.push({ pending, manager });
    const outcome = live === undefined ? "was not made yet" : "is there, but not of that run";
    const name = pending.urn.split("::").slice(-2).join(" ");
    say(`  ${name} ${manager === undefined ? outcome : "is there, and is taken over"}`);
  }
  await hands.imported(JSON.stringify(adopt(state, found)));
  const rest = (state.deployment.pending_operations ?? []).length - found.length;
  say(
    `The last run of stack ${hands.stack} was cut off: ${String(found.length)} taken over, ${String(rest)} done again.`,
  );
}

function askSentence(stack: string, unknown: readonly Pending[]): string {
  const refresh = `npm run refresh -- --stack ${stack}`;
  return [
    `The last run of stack ${stack} was cut off while it made the following, and only their provider knows whether they are there. Nothing is changed.`,
    ...unknown.map(({ urn }) => `  ${urn}`),
    `Look for each. When one is there: ${refresh} --import-pending URN ID. When none of the others is: ${refresh} --clear-pending.`,
  ].join("\n");
}
