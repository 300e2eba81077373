/** What the sidecars of all parts add to the connectivity graph: no Pulumi here. */
import { lookups } from "./cluster/half.ts";
import { type Edge, everyPodOf, type Half } from "./connectivity-graph.ts";
import { istiodRef, proxyPorts } from "./istio-names.ts";
import { spansFrom } from "./tracing/jaeger-plan.ts";

/** The namespaces whose pods have sidecars, which those of gateways are not. */
export function withSidecars(halves: readonly Half[]): string[] {
  const gateways = halves.flatMap(({ workloads = [] }) => workloads.filter(({ gateway }) => gateway === true));
  return halves
    .flatMap(({ namespaces: own = {} }) =>
      Object.entries(own).flatMap(([name, { meshed }]) => (meshed === undefined ? [] : [name])),
    )
    .filter((name) => !gateways.some(({ namespace }) => namespace === name));
}

/**
 * What sidecars need of others, wherever there are some; gateways have said it of themselves.
 *
 * @param traced whether somebody keeps what requests went through
 */
export function sidecarHalf(halves: readonly Half[], traced: boolean): Half {
  const keyOf = ({ from, to, port }: Edge) => `${from} ${to} ${port}`;
  const declared = new Set(halves.flatMap(({ edges = [] }) => edges.map(keyOf)));
  return {
    of: "sidecars",
    edges: withSidecars(halves)
      .flatMap((name): Edge[] => {
        const from = everyPodOf(name);
        return [
          { from, to: istiodRef, port: "xds", why: "sidecars get their configuration and their certificates" },
          {
            from: "api-server",
            to: from,
            port: `${String(proxyPorts.metrics)}/TCP`,
            why: "what callers have counted is read through it",
          },
          ...lookups(from, "sidecars resolve istiod"),
          ...(traced ? [spansFrom(from)] : []),
        ];
      })
      .filter((edge) => !declared.has(keyOf(edge))),
  };
}
