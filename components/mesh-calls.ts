/** Which calls of the connectivity graph pass through the mesh, where proxies count them: no Pulumi here. */
import { type Graph, isMeshed, proxiedPortOf, vertexOf } from "./connectivity-graph.ts";

/** Whoever calls a gateway without an identity of the mesh. */
export const outside = "outside";

/** Who may call whom: each end as edges write it, or {@link outside}. */
export interface MeshCall {
  readonly from: string;
  readonly to: string;
}

/** The calls of the mesh that edges declare, once for each two ends, by who calls and who is called. */
export function meshCalls(graph: Graph): MeshCall[] {
  const calls = graph.edges.flatMap(({ from, to, port }): MeshCall[] => {
    const [caller, called] = [vertexOf(graph, from), vertexOf(graph, to)];
    if (caller === undefined || called === undefined || !isMeshed(graph, called)) return [];
    if (proxiedPortOf(called, port) === undefined) return [];
    if (isMeshed(graph, caller)) return [{ from, to }];
    // Others are refused but at a gateway, or pass by the proxies.
    return called.kind === "workload" && called.workload.gateway === true ? [{ from: outside, to }] : [];
  });
  const keyOf = ({ from, to }: MeshCall) => `${from} ${to}`;
  return [...new Map(calls.map((call) => [keyOf(call), call])).values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
