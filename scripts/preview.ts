/** A preview written to files, as the workflow wants it that comments on pull requests. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { previewOf, readEvents } from "./preview-changes.ts";
import { type CommentOptions, commentLimit, commentOf, failureOf } from "./preview-comment.ts";
import type { Stack } from "./stack.ts";

/**
 * Previews a stack, and writes `comment.md`, which is cut to what a comment on GitHub holds, and `preview.md`, the
 * whole of it. Both are written for a failed preview, too, and say why it failed.
 *
 * @param stack makes the stack: what is wrong with its files belongs into the comment as well
 * @returns the engine's exit code
 * @throws what kept the engine from starting
 */
export async function writePreview(
  name: string,
  stack: () => Pick<Stack, "previewEvents">,
  folder: string,
  whole: Pick<CommentOptions, "whole">,
): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const write = (comment: string, preview: string) => {
    writeFileSync(join(folder, "comment.md"), comment);
    writeFileSync(join(folder, "preview.md"), preview);
  };
  try {
    const { lines, problem, exitCode } = await stack().previewEvents();
    const preview = previewOf(readEvents(lines), exitCode === 0);
    const told = { ...preview, errors: [...preview.errors, ...(problem === "" ? [] : [problem])] };
    const text = commentOf(told, { stack: name });
    write(commentOf(told, { stack: name, limit: commentLimit, ...whole }), text);
    console.log(text);
    return exitCode;
  } catch (error) {
    const text = failureOf(name, (error as Error).message);
    write(text, text);
    throw error;
  }
}
