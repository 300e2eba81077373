/** How rules ask whether a counter has grown. No Pulumi here. */

/**
 * By how much a counter has grown in a window. Many programs make a counter only with the first thing that it counts, so
 * that it begins with one, and `increase` alone sees no growth: what was not there a window ago counts as a whole, unless
 * Prometheus itself had nothing then, as after a stop of its own.
 *
 * @param series a selector without a range
 * @param window a duration of PromQL
 */
export const grown = (series: string, window: string): string =>
  `(${series} unless ${series} offset ${window} and on () count(up offset ${window}) or increase(${series}[${window}]))`;
