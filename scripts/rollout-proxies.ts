/** The statistics of every sidecar of a cluster, through its API server: no program runs in any pod for it. */
import { type ReadProxies, statisticsPort } from "./rollout-measure.ts";

/** The part of a Pod that is read here (Kubernetes API, core/v1). */
interface Pod {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** How many proxies are asked at once. */
const together = 8;

/** Reads the sidecars of all pods that are ready. @param get answers a path of the API server, as `kubectl get --raw` */
export function readSidecars(get: (path: string) => Promise<string>): ReadProxies {
  return async () => {
    // istiod itself tells by this label whose proxy speaks mutual TLS.
    const list = await get("/api/v1/pods?labelSelector=security.istio.io%2FtlsMode%3Distio");
    const { items } = JSON.parse(list) as { items: Pod[] }; // a PodList
    const ready = items.filter(({ status: { conditions = [] } }) =>
      conditions.some(({ type, status }) => type === "Ready" && status === "True"),
    );
    const found = new Map<string, string>();
    for (let from = 0; from < ready.length; from += together) {
      const texts = ready.slice(from, from + together).map(async ({ metadata: { namespace, name, uid } }) => {
        const pod = `/api/v1/namespaces/${namespace}/pods/${name}:${String(statisticsPort)}`;
        found.set(uid, await get(`${pod}/proxy/stats/prometheus?filter=upstream_rq`));
      });
      await Promise.all(texts);
    }
    return found;
  };
}
