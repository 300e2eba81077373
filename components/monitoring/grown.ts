/** How rules ask whether a counter has grown. No Pulumi here. */

/**
 * By how much a counter has grown in a window. Many programs make a counter only with the first thing that it counts, so
 * that it begins with one, and `increase` alone sees no growth: what was not there a window ago counts as a whole, unless
 * Prometheus itself had nothing then, as after a stop of its own. It asks its targets one after the other, within a minute.
 *
 * @param series a selector without a range
 */
export function grown(series: string, minutes: number): string {
  const before = `${series} offset ${String(minutes)}m`;
  const watched = `count(up offset ${String(minutes + 1)}m)`;
  return `(${series} unless ${before} and on () ${watched} or increase(${series}[${String(minutes)}m]))`;
}
