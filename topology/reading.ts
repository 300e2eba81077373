/** Reads what every proxy of a mesh has counted, at one moment. */
import type { Get } from "../api-get.ts";
import { outside } from "../components/mesh-calls.ts";
import { tracingNamespace } from "../components/tracing/names.ts";
import { type Labels, selects } from "../components/network-policy.ts";
import { type Counts, countsOf, seriesIn, type Series } from "./counts.ts";
import { askProxies, gateways, type Pod, readyPods, sidecars } from "./proxies.ts";

/** What one proxy has counted of the calls from one to another. */
export interface Flow {
  /** A workload as `namespace/name`, or {@link outside}. */
  readonly from: string;
  /** A workload or a Service as `namespace/name`, or a host outside the cluster. */
  readonly to: string;
  readonly counts: Counts;
}

/** What one pod's proxy had counted when it was read. */
export interface Sample {
  /** Milliseconds on a clock that never goes back. */
  readonly at: number;
  /** As no later pod has it. */
  readonly uid: string;
  /** `namespace/name`. */
  readonly pod: string;
  /** `namespace/name`, by the name under which Istio's statistics know it. */
  readonly workload: string;
  readonly gateway: boolean;
  /** One for each two ends. */
  readonly flows: readonly Flow[];
}

/** A whole mesh at one moment. */
export interface Reading {
  /** In ISO 8601. */
  readonly time: string;
  readonly samples: readonly Sample[];
  /** Pods whose proxies did not answer. */
  readonly failed: readonly string[];
  /** Services as `namespace/name`, to the workload that all of their pods are of, where there is one. */
  readonly services: ReadonlyMap<string, string>;
}

/** A Service (Kubernetes API, core/v1). */
interface Service {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: { readonly selector?: Labels };
}

/** When it is. */
export interface Clock {
  readonly now: () => number;
  readonly time: () => string;
}

/** Which statistics are read, as Envoy's `/stats/prometheus` takes it: of streams up and down that ever were. */
const query = "usedonly&filter=stream_";

/** @throws when the API server does not answer, or no proxy does */
export async function readMesh(get: Get, clock: Clock): Promise<Reading> {
  const time = clock.time();
  const lists = await Promise.all([readyPods(get, gateways), readyPods(get, sidecars)]);
  const [atGateway, pods] = [new Set(lists[0]), lists.flat()];
  const { items } = JSON.parse(await get("/api/v1/services")) as { items: Service[] }; // a ServiceList
  const answers = await askProxies(get, pods, query, (pod, text) =>
    text instanceof Error ? text : sampleOf(pod, text, { at: clock.now(), gateway: atGateway.has(pod) }),
  );
  const samples = answers.flatMap((answer) => (answer instanceof Error ? [] : [answer]));
  const failure = answers.find((answer) => answer instanceof Error);
  if (samples.length === 0 && failure !== undefined) throw failure;
  const answered = new Set(samples.map(({ uid }) => uid));
  return {
    time,
    samples,
    failed: pods.filter(({ metadata }) => !answered.has(metadata.uid)).map(refOf),
    services: workloadsOf(items, pods),
  };
}

const refOf = ({ metadata: { namespace, name } }: Pod | Service) => `${namespace}/${name}`;

/** What a pod is one of, in Istio's own order of preference. */
function workloadOf({ metadata: { namespace, name, labels = {} } }: Pod): string {
  const names = ["service.istio.io/canonical-name", "app.kubernetes.io/name", "app"].map((label) => labels[label]);
  return `${namespace}/${names.find((one) => one !== undefined && one !== "") ?? name}`;
}

/** Services to the workload that all of their pods are of. */
function workloadsOf(services: readonly Service[], pods: readonly Pod[]): Map<string, string> {
  return new Map(
    services.flatMap((service): [string, string][] => {
      const { selector = {} } = service.spec;
      if (Object.keys(selector).length === 0) return []; // its addresses are written by others
      const own = pods.filter(
        ({ metadata: { namespace, labels = {} } }) =>
          namespace === service.metadata.namespace && selects({ matchLabels: selector }, labels),
      );
      const [workload, ...others] = new Set(own.map(workloadOf));
      return workload === undefined || others.length > 0 ? [] : [[refOf(service), workload]];
    }),
  );
}

/**
 * What a proxy's statistics say.
 *
 * @param text in the form of Prometheus
 */
export function sampleOf(pod: Pod, text: string, { at, gateway }: Pick<Sample, "at" | "gateway">): Sample {
  const workload = workloadOf(pod);
  const series = seriesIn(
    text,
    (row) => row.startsWith("envoy_cluster_upstream_") || row.startsWith("envoy_http_downstream_"),
  );
  const calls = groupsOf(series, "cluster_name", calledBy);
  const clients = gateway
    ? groupsOf(series, "http_conn_manager_prefix", (name) => (name.startsWith("outbound_") ? outside : undefined))
    : new Map<string, Series[]>();
  return {
    at,
    uid: pod.metadata.uid,
    pod: refOf(pod),
    workload,
    gateway,
    flows: [
      ...[...calls].map(([to, some]) => ({ from: workload, to, counts: countsOf(some, "envoy_cluster_upstream") })),
      ...[...clients].map(([from, some]) => ({ from, to: workload, counts: countsOf(some, "envoy_http_downstream") })),
    ],
  };
}

/** Series by what the value of one of their labels stands for. */
function groupsOf(series: readonly Series[], label: string, of: (value: string) => string | undefined) {
  const groups = new Map<string, Series[]>();
  for (const one of series) {
    const key = of(one.labels.get(label) ?? "");
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

/** Whom a cluster of Envoy's stands for, by the name that istiod gives it: outbound|port|subset|host. */
function calledBy(cluster: string): string | undefined {
  const [direction, , , host = ""] = cluster.split("|");
  if (direction !== "outbound" || host === "") return undefined;
  const [, service, namespace] = /^([^.]+)\.([^.]+)\.svc\./.exec(host) ?? [];
  if (namespace === tracingNamespace) return undefined; // what proxies tell of calls is no call of their pods
  return service === undefined || namespace === undefined ? host : `${namespace}/${service}`;
}
