/** Expressions of PromQL that Prometheus takes as an alert's, and others that it does not. */

/** With the series that each asks for. */
export const takenPromql: readonly (readonly [text: string, series: readonly string[]])[] = [
  ['sum by (a) (rate(foo{x=~"b|c"}[5m])) > 1 and on (q) bar', ["foo", "bar"]],
  ["histogram_quantile(0.9, sum by (le) (rate(istio_request_bucket[5m]))) > 1", ["istio_request_bucket"]],
  ["platform:availability:ratio_5m < 0.9", ["platform:availability:ratio_5m"]],
  ['{__name__=~"a.*"} > 1', []],
  ["absent(up)", ["up"]],
  ["vector(1)", []],
  ["foo == on (a) group_left (b) bar offset 5m", ["foo", "bar"]],
  ["max_over_time(rate(foo[1m])[10m:1m]) > bool 1", ["foo"]],
];

/** With what is said of each. */
export const refusedPromql: readonly (readonly [text: string, why: RegExp])[] = [
  ["", /^is no PromQL from character 1 on/],
  ["foo{", /^is no PromQL from character 5 on/],
  ["sum(rate(x[5m])", /^is no PromQL from/],
  ["foo bar", /^is no PromQL from/],
  ["rate(foo)", /^is no PromQL: expected type matrix/],
  ["sum(foo[5m])", /expected type vector in aggregation expression, got matrix/],
  ["nofunc(foo)", /^is no PromQL/],
  ["1 > 2", /BOOL/],
  ["{}", /at least one non-empty matcher/],
  ['foo{x=~"("} > 1', /^has the regular expression "\(", which/],
  ['foo{x!~"(?=a)"} > 1', /looks ahead/],
  ["rate(foo[5x]) > 1", /^is no PromQL/],
  ["label_replace(foo)", /expected 5 argument/],
];
