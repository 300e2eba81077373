/** What has to be so before the engine touches a stack: nobody else is at it, its state is whole, and nothing is half done. */
import { judged, mendState, releaseStale, type StateFolder } from "./state-folder.ts";
import { type StateHands, takeUp } from "./take-up.ts";

/** A stack before a run. */
export interface Before {
  readonly hands: StateHands;
  /** Where its state is, or undefined when others share its backend, which then looks after it. */
  readonly folder: StateFolder | undefined;
  /** Makes the stack when it is new. */
  readonly create: () => Promise<void>;
}

/** Before a run that changes something. @throws in a sentence, with nothing changed */
export async function prepareChange({ hands, folder, create }: Before, say: (line: string) => void): Promise<void> {
  if (folder !== undefined) mendState(folder, await releaseStale(folder, say), say);
  await create();
  const now = folder === undefined ? undefined : judged(folder);
  if (now === undefined || (!("damage" in now) && now.pending > 0)) await takeUp(hands, say);
}

/** Before a preview, which nobody's lock keeps from looking. @throws in a sentence when there is nothing to look at */
export async function preparePreview({ folder, create }: Before, say: (line: string) => void): Promise<void> {
  const now = folder === undefined ? undefined : judged(folder);
  if (folder !== undefined && now !== undefined && "damage" in now && now.damage !== "is not there") {
    throw new Error(
      `The state ${folder.file} ${now.damage}, and a preview changes nothing. \`npm run up -- --stack ${folder.stack}\` ` +
        `brings a copy back where that is safe; \`npm run state -- --stack ${folder.stack}\` lists them.`,
    );
  }
  await create();
  if (now === undefined || "damage" in now || now.pending === 0) return;
  say(`A run of this stack is under way, or was cut off: the next \`up\` takes up what it has left.`);
}
