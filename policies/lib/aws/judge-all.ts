/** Judges lists of things some of which may not be known yet. */

/**
 * Judges every item before an error leaves: reading a value that is not known yet throws, which the engine shows as an
 * advisory, and that must not hide what can be seen in the other items.
 */
export function judgeAll<T>(items: readonly T[], judgeOne: (item: T, index: number) => void): void {
  const errors: unknown[] = [];
  for (const [index, item] of items.entries()) {
    try {
      judgeOne(item, index);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
