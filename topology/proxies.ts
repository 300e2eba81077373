/** The statistics of the proxies of a cluster, through its API server: no program runs in any pod for it. */
import type { Get } from "../api-get.ts";
import { gatewayLabels, gatewayNamespace } from "../components/gateway-plan.ts";
import { proxyPorts } from "../components/istio-names.ts";
import type { Labels } from "../components/network-policy.ts";

/** A pod with a proxy (Kubernetes API, core/v1). */
export interface Pod {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly labels?: Labels;
  };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Which pods have proxies: a path of the API server, and labels. */
interface Selection {
  readonly path: string;
  readonly labels: string;
}

/** The pods with sidecars; istiod itself tells by this label whose proxy speaks mutual TLS. */
export const sidecars: Selection = { path: "/api/v1/pods", labels: "security.istio.io/tlsMode=istio" };

/** The pods of the gateway. */
export const gateways: Selection = {
  path: `/api/v1/namespaces/${gatewayNamespace}/pods`,
  labels: `istio=${gatewayLabels.istio}`,
};

/** Those of them that are ready. */
export async function readyPods(get: Get, { path, labels }: Selection): Promise<Pod[]> {
  const list = await get(`${path}?labelSelector=${encodeURIComponent(labels)}`);
  const { items } = JSON.parse(list) as { items: Pod[] }; // a PodList
  return items.filter(({ status: { conditions = [] } }) =>
    conditions.some(({ type, status }) => type === "Ready" && status === "True"),
  );
}

/** How many proxies are asked at once. */
const together = 8;

/**
 * The statistics of pods' proxies, in the form of Prometheus, or why one did not answer, each as `read` makes it.
 *
 * @param query which of them, as Envoy's `/stats/prometheus` takes it
 */
export async function askProxies<T>(
  get: Get,
  pods: readonly Pod[],
  query: string,
  read: (pod: Pod, text: string | Error) => T,
): Promise<T[]> {
  const found: T[] = [];
  for (let from = 0; from < pods.length; from += together) {
    const some = pods.slice(from, from + together).map(async (pod) => {
      const { namespace, name } = pod.metadata;
      const path = `/api/v1/namespaces/${namespace}/pods/${name}:${String(proxyPorts.metrics)}/proxy/stats/prometheus`;
      const answer = await get(`${path}?${query}`).catch((error: unknown) => error as Error); // `get` rejects with errors
      return read(pod, answer);
    });
    found.push(...(await Promise.all(some)));
  }
  return found;
}

/** Reads every sidecar there is: a name that no later proxy has, to its statistics. */
export type ReadProxies = () => Promise<ReadonlyMap<string, string>>;

/** Reads the answers that the sidecars of all ready pods have counted; one that does not answer makes the reading none. */
export function readSidecars(get: Get): ReadProxies {
  return async () => {
    const pods = await readyPods(get, sidecars);
    const found = await askProxies(get, pods, "filter=upstream_rq", ({ metadata: { uid } }, answer) => {
      if (answer instanceof Error) throw answer;
      return [uid, answer] as const;
    });
    return new Map(found);
  };
}
