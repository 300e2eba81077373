/** Which target is asked when. */

/** The turn of one target. */
export interface Slice {
  /** The target's place in the list. */
  readonly target: number;
  readonly seconds: number;
}

/**
 * Divides so many seconds for each target into turns, so that what disturbs the machine for a while disturbs all of
 * them. Every other round goes backwards: a machine that gets slower does not get slower for the last one alone.
 *
 * @param seconds for each target
 * @param slice how long a turn is; one target alone is asked in one go
 */
export function slicesOf(targets: number, seconds: number, slice: number): Slice[] {
  const length = targets === 1 ? seconds : Math.min(slice, seconds);
  const order = Array.from({ length: targets }, (_, target) => target);
  const slices: Slice[] = [];
  for (let [done, round] = [0, 0]; done < seconds; done += length, round += 1) {
    const turn = Math.min(length, seconds - done);
    const targetsNow = round % 2 === 0 ? order : order.toReversed();
    slices.push(...targetsNow.map((target) => ({ target, seconds: turn })));
  }
  return slices;
}
