/** What Envoy takes for a regular expression: RE2's syntax (github.com/google/re2/wiki/Syntax), of which Node has no reader. */

import { z } from "zod";

/** The longest expression that Istio takes. */
const longest = 1024;

/** How often RE2 repeats at most. */
const mostRepeats = 1000;

/** What JavaScript has and RE2 has not, by what it looks like, with the problem. */
const foreign: readonly (readonly [pattern: RegExp, problem: string])[] = [
  [/\(\?<?[=!]/, "looks ahead or behind, which RE2 does not"],
  [/\\[1-9]|\\k/, "refers back to a group, which RE2 does not"],
  [/\\u|\\c|\\p\{[^}]*=/i, "has an escape of JavaScript's, which RE2 has not"],
  [/\[\^?\]/, "has an empty class of characters, which RE2 has not"],
];

/**
 * Why a text is no regular expression of RE2's, or `undefined` when it is one. What JavaScript reads otherwise than RE2
 * is refused as well, but for flags at the start, as in `(?i)`: such an expression is better written in another way.
 */
export function re2Problem(text: string): string | undefined {
  if (text === "") return "is empty, and would match nothing";
  if (text.length > longest) return `has ${String(text.length)} characters, Istio takes ${String(longest)}`;
  const plain = text.replace(/\\\\/g, ""); // an escaped backslash escapes nothing
  const found = foreign.find(([pattern]) => pattern.test(plain));
  if (found !== undefined) return found[1];
  const repeats = [...plain.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].flatMap(([, least, most]) => [least, most]);
  if (repeats.some((count) => Number(count ?? 0) > mostRepeats)) {
    return `repeats more than ${String(mostRepeats)} times, which RE2 does not`;
  }
  try {
    // With the flag u an unknown escape is an error, as in RE2, which has some more for punctuation.
    const punctuation = /^[-"#%&',:;<=>@_`~ !]$/;
    const read = text.replace(/\\(.)/gs, (escape, char: string) => (punctuation.test(char) ? "x" : escape));
    new RegExp(read.replace(/^\(\?[imsU]+\)/, ""), "u");
    return undefined;
  } catch (error) {
    return `is no regular expression: ${(error as Error).message.replace(/^.*\/u?: /, "")}`;
  }
}

/** A regular expression of RE2's. */
export const re2 = z.string().superRefine((text, context) => {
  const problem = re2Problem(text);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});
