/** A stack's state as a file: whether it is whole, and which of its copies takes its place. */
import { z } from "zod";

/** The part of a checkpoint that is looked at here (apitype.VersionedCheckpoint). */
const checkpointSchema = z.object({
  version: z.number(),
  checkpoint: z.object({
    latest: z
      .object({
        resources: z.array(z.object({ urn: z.string() })).nullish(),
        pending_operations: z.array(z.unknown()).nullish(),
      })
      .nullish(),
  }),
});

/** What a whole state holds. */
export interface Contents {
  readonly resources: number;
  /** What the engine had begun and not ended. */
  readonly pending: number;
}

/** A file, as it is: what it holds, or what is wrong with it. */
export type Judged = Contents | { readonly damage: string };

/** Reads a state's text. */
export function judgeState(text: string | undefined): Judged {
  if (text === undefined) return { damage: "is not there" };
  if (text.trim() === "") return { damage: "is empty" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { damage: `is cut off or no JSON (${String(Buffer.byteLength(text))} bytes)` };
  }
  const state = checkpointSchema.safeParse(value);
  if (!state.success) return { damage: "is JSON, but no state of the engine" };
  const { resources, pending_operations: pending } = state.data.checkpoint.latest ?? {};
  return { resources: resources?.length ?? 0, pending: pending?.length ?? 0 };
}

/** A copy of a state that the engine made. */
export interface Copy {
  readonly file: string;
  /** When it was made. */
  readonly at: Date;
  /** Made when a run had come to its end, not in the middle of one. */
  readonly afterRun: boolean;
  readonly judged: Judged;
}

/** The newest copy that is whole. */
export function newestWhole(copies: readonly Copy[]): Copy | undefined {
  return copies.filter(({ judged }) => !("damage" in judged)).sort((a, b) => Number(b.at) - Number(a.at))[0];
}

/** What is to be done about a damaged state. */
export type Mending =
  | { readonly restore: Copy; readonly says: string }
  /** Nothing without a human: `says` names the file, the copies and what to type. */
  | { readonly restore: undefined; readonly says: string };

/**
 * Decides whether the newest whole copy takes a damaged state's place by itself. It does where that copy is the end of
 * the last run and no run has begun since: it then says what the state said. After a run that was cut off, it may lack
 * what that run made, which only a human can weigh.
 *
 * @param cutOff whether a run was under way when the state was damaged
 * @param restore the command that puts a copy in its place
 */
export function mend(file: string, damage: string, copies: readonly Copy[], cutOff: boolean, restore: string): Mending {
  const what = `The state ${file} ${damage}.`;
  const newest = newestWhole(copies);
  if (newest === undefined) {
    const how = "Bring the file back from a backup of this machine; without it the engine would make everything anew.";
    return { restore: undefined, says: `${what} No copy of it is whole. ${how}` };
  }
  if (!newest.afterRun || cutOff) {
    const lacks = "the last run was cut off, so it may lack what that run made last";
    const says = `${what} ${described(newest)}; ${lacks}. To go on from it: ${restore}`;
    return { restore: undefined, says };
  }
  return { restore: newest, says: `${what} ${described(newest)}, and takes its place; the damaged one is kept aside.` };
}

const described = ({ file, at, judged }: Copy): string =>
  `The newest whole copy is ${file} of ${at.toISOString()} with ${"damage" in judged ? "nothing" : String(judged.resources)} resources`;
