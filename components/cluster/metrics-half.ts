/** What a metrics-server adds to the connectivity graph, whoever brings it. */
import { type Edge, refOf, type Workload } from "../connectivity-graph.ts";

/** The edges of a metrics-server: the API server asks it, and it asks the kubelets. */
export function metricsEdges(workload: Workload): Edge[] {
  const ref = refOf(workload);
  return [
    ...Object.keys(workload.ports ?? {}).map((port) => ({
      from: "api-server",
      to: ref,
      port,
      why: "kubectl top and autoscalers ask",
    })),
    { from: ref, to: "api-server", port: "https", why: "nodes are listed, and callers checked" },
    { from: ref, to: "nodes", port: "kubelet", why: "kubelets say what their pods use" },
  ];
}
