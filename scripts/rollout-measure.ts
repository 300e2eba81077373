/** What the callers of one version of a Service see, by the statistics of their own proxies. */
import { type Counts, countsOf, increaseOf, nothing, quantileOf, seriesIn, totalOf } from "../topology/counts.ts";
import type { ReadProxies } from "../topology/proxies.ts";
import type { Measure, Observation } from "./rollout-driver.ts";

/** One version of a Service. */
export interface Target {
  readonly namespace: string;
  readonly service: string;
  readonly version: string;
}

/**
 * What a proxy has counted of a version. A proxy that never called it has counted nothing.
 *
 * @param text the statistics in the form of Prometheus
 */
export function countsIn(text: string, { namespace, service, version }: Target): Counts {
  const cluster = `|${version}|${service}.${namespace}.svc.`; // outbound|<port>|<version>|<host>
  const ofVersion = (row: string) =>
    row.startsWith("envoy_cluster_upstream_rq") && row.includes(`"outbound|`) && row.includes(cluster);
  return countsOf(seriesIn(text, ofVersion), "envoy_cluster_upstream");
}

/** Measures by proxies' statistics; what a proxy has counted stays when the proxy goes. */
export function measureBy(read: ReadProxies, target: Target): Measure {
  let last = new Map<string, Counts>();
  let since: Counts = nothing;
  const reading = async () =>
    new Map([...(await read())].map(([name, text]) => [name, countsIn(text, target)] as const));
  return {
    restart: async () => {
      last = await reading();
      since = nothing;
    },
    look: async (): Promise<Observation> => {
      const now = await reading();
      const increases = [...now].map(([name, counts]) => increaseOf(last.get(name) ?? nothing, counts));
      since = totalOf([since, ...increases]);
      last = new Map([...last, ...now]);
      const { requests, failures, buckets } = since;
      return { requests, failures, p99Milliseconds: quantileOf(buckets, 0.99) };
    },
  };
}
