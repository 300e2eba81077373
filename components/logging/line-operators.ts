/** What each line of a container goes through: who said it, how severe it is, and of which trace. No Pulumi here. */

/** A line of JSON has these by one of several names; it stays as it is, and they come to stand beside it. */
const standard = {
  severity: ["level", "severity", "lvl"],
  trace: ["trace_id", "traceId", "traceid"],
} as const;

const json = "attributes.json";

/** What each line goes through, as operators of the collector's file log receiver. */
export const operators = [
  { type: "container", id: "container" }, // what the container runtime writes, and who it is by the file's path
  ...[
    ["k8s.namespace.name", "namespace"],
    ["k8s.pod.name", "pod"],
    ["k8s.container.name", "container"],
  ].map(([from = "", to = ""]) => ({ type: "move", from: `resource["${from}"]`, to: `resource.${to}` })),
  ...["log.file.path", "logtag"].map((name) => ({
    type: "remove",
    field: `attributes["${name}"]`,
    on_error: "send_quiet",
  })),
  { type: "json_parser", if: 'body matches "^[{]"', parse_to: json, on_error: "send_quiet" },
  ...standard.severity.map((name) => ({
    type: "severity_parser",
    if: `${json}?.${name} != nil`,
    parse_from: `${json}.${name}`,
    overwrite_text: true,
    on_error: "send_quiet",
  })),
  {
    type: "severity_parser", // the proxies' lines are requests
    if: `${json}?.response_code != nil`,
    parse_from: `${json}.response_code`,
    preset: "none",
    mapping: { error: "5xx", warn: "4xx", info: ["1xx", "2xx", "3xx"] },
    overwrite_text: true,
    on_error: "send_quiet",
  },
  ...standard.trace.map((name) => ({
    type: "trace_parser",
    if: `${json}?.${name} != nil`,
    trace_id: { parse_from: `${json}.${name}` },
    on_error: "send_quiet",
  })),
  { type: "remove", if: `${json} != nil`, field: json },
];
