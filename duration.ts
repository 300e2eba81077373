/** Lengths of time as configuration writes them: "250ms", "5s", "1.5m", "2h". */

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const grammar = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/;

/** A length of time in milliseconds; `undefined` when the text is none, or is no whole number of milliseconds. */
export function parseDuration(text: string): number | undefined {
  const [, number = "", unit = ""] = grammar.exec(text) ?? [];
  if (!(unit in units)) return undefined;
  const milliseconds = Math.round(Number(number) * 1000) * units[unit as keyof typeof units]; // `in` has just said so
  return milliseconds % 1000 === 0 ? milliseconds / 1000 : undefined;
}

/** Milliseconds in the one form that every reader of Protocol Buffers' JSON takes: seconds, as "0.25s". */
export const protobufDuration = (milliseconds: number): string => `${String(milliseconds / 1000)}s`;
