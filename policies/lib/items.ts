/** Items of lists, each read when it is asked for: one that is not known yet hides nothing of the others. */
import { indices, property } from "./values.ts";

/** Something with a path; reading it may throw UnknownValue. */
export interface Item {
  readonly path: string;
  readonly read: () => unknown;
}

/** The items of a list; none of what is no list. */
export const itemsOf = (list: unknown, path: string): readonly Item[] =>
  Array.isArray(list)
    ? indices(list).map((index) => ({ path: `${path}[${String(index)}]`, read: () => property(list, index) }))
    : [];
