/** The statistics of every sidecar of a cluster, through its API server: no program runs in any pod for it. */
import { run } from "../embedded/run.ts";
import { toolPath } from "../toolchain/index.ts";
import { type ReadProxies, statisticsPort } from "./rollout-measure.ts";

/** The part of a Pod that is read here (Kubernetes API, core/v1). */
interface Pod {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** How many proxies are asked at once. */
const together = 8;

/** Reads the sidecars of all pods that are ready. @param kubeconfig the file with the way to the API server */
export function readSidecars(kubeconfig: string): ReadProxies {
  const get = (path: string) =>
    run(toolPath("kubectl"), ["--kubeconfig", kubeconfig, "--request-timeout=10s", "get", "--raw", path]);
  return async () => {
    // istiod itself tells by this label whose proxy speaks mutual TLS.
    const list = await get("/api/v1/pods?labelSelector=security.istio.io%2FtlsMode%3Distio");
    const { items } = JSON.parse(list) as { items: Pod[] }; // a PodList
    const ready = items.filter(({ status }) =>
      status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
    );
    const found = new Map<string, string>();
    for (let from = 0; from < ready.length; from += together) {
      const texts = ready.slice(from, from + together).map(async ({ metadata: { namespace, name, uid } }) => {
        const port = String(statisticsPort);
        const path = `/api/v1/namespaces/${namespace}/pods/${name}:${port}/proxy/stats/prometheus?filter=upstream_rq`;
        found.set(`${namespace}/${name}/${uid}`, await get(path));
      });
      await Promise.all(texts);
    }
    return found;
  };
}
