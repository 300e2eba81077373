/** A topology as text. */
import { ms } from "../loadtest/bar.ts";
import { table } from "../table.ts";
import { isSilent, type Topology, type TopologyEdge } from "./topology.ts";

/** How often, with three digits. */
export function perSecond(value: number): string {
  return `${value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)}/s`;
}

/** A part that is not rounded to nothing. */
export function share(part: number): string {
  if (part === 0) return "0 %";
  return part < 0.0001 ? "< 0.01 %" : `${(100 * part).toFixed(2)} %`;
}

/** An amount of data a second. */
export const kibibytes = (bytesPerSecond: number): string => `${(bytesPerSecond / 1024).toFixed(1)} KiB/s`;

const time = (milliseconds: number | undefined) => (milliseconds === undefined ? "–" : ms(milliseconds));

const heads = ["from", "to", "requests", "errors", "p50", "p90", "p99", "data", ""];

/** The cells of an edge; what was not measured is a dash. */
function cells(edge: TopologyEdge): string[] {
  const { from, to, protocol, requestsPerSecond, errorRate, p50, p90, p99, bytesPerSecond, declared } = edge;
  const asked = requestsPerSecond > 0;
  return [
    from,
    to,
    protocol === "tcp" ? "tcp" : asked ? perSecond(requestsPerSecond) : "–",
    asked ? share(errorRate) : "–",
    time(p50),
    time(p90),
    time(p99),
    bytesPerSecond > 0 ? kibibytes(bytesPerSecond) : "–",
    declared ? (isSilent(edge) ? "silent" : "") : "NOT DECLARED",
  ];
}

/** Every edge in a line, and what is odd about them below. */
export function topologyText({ edges, nodes, seconds, unread }: Topology): string {
  const rows = edges.map(cells);
  const columns = heads.map((head, index) => [head, ...rows.map((row) => row[index] ?? "")]);
  const pods = nodes.reduce((sum, node) => sum + node.pods, 0);
  const undeclared = edges.filter(({ declared }) => !declared);
  return [
    `${String(seconds)} s of the mesh, as the proxies of ${String(pods)} pods have counted it`,
    "",
    ...(edges.length === 0 ? ["Nobody has called anybody, and no call is declared."] : table(columns, 2)),
    ...(undeclared.length === 0
      ? []
      : [
          "",
          `${count(undeclared.length, "call")} not declared in the connectivity graph; a closed namespace answers 403.`,
        ]),
    ...(unread.length === 0
      ? []
      : ["", `Not in it, since their proxies were not there or did not answer: ${unread.join(", ")}`]),
  ].join("\n");
}

const count = (number: number, what: string) => (number === 1 ? `1 ${what} is` : `${String(number)} ${what}s are`);
