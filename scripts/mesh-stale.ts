/** Which pods of the mesh have no sidecar, or one of another control plane than the one that serves: no cluster here. */

interface Meta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly controller?: boolean }[];
  readonly deletionTimestamp?: string;
}

/** The part of an object that is read here: Pods, ReplicaSets, Namespaces and MutatingWebhookConfigurations. */
export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: Meta;
  readonly spec?: {
    readonly hostNetwork?: boolean;
    readonly initContainers?: readonly { readonly name: string }[];
    readonly containers?: readonly { readonly name: string }[];
  };
  readonly status?: { readonly phase?: string };
}

/** Pods of one workload that are to be made anew. */
export interface Stale {
  readonly namespace: string;
  /** As kubectl writes it, like `deployment/web`; a pod that nobody makes anew stands for itself, like `pod/shell`. */
  readonly workload: string;
  readonly pods: readonly string[];
  /** Why: they have no sidecar at all, or one that asks another control plane. */
  readonly reason: "no sidecar" | "another revision";
}

/** The label of namespaces, and the annotation of pods, that name a revision of the mesh. */
const revisionKey = "istio.io/rev";
const optOut = "sidecar.istio.io/inject";

/** Kinds whose pods `kubectl rollout restart` makes anew. */
export const restartable: readonly string[] = ["deployment", "statefulset", "daemonset"];

/**
 * The workloads whose pods are not as new ones would be, sorted.
 *
 * @param objects everything of the four kinds in the cluster
 */
export function stalePods(objects: readonly KubernetesObject[]): Stale[] {
  const of = (kind: string) => objects.filter((object) => object.kind === kind);
  const revisions = new Map(
    of("MutatingWebhookConfiguration").flatMap(({ metadata: { labels = {} } }) => {
      const [tag, revision] = [labels["istio.io/tag"], labels[revisionKey]];
      return tag === undefined || revision === undefined ? [] : [[tag, revision]];
    }),
  );
  const wanted = new Map(
    of("Namespace").flatMap(({ metadata: { name, labels = {} } }) => {
      const named = labels[revisionKey];
      return named === undefined ? [] : [[name, revisions.get(named) ?? named]];
    }),
  );
  const makers = new Map(of("ReplicaSet").map((set) => [`${set.metadata.namespace ?? ""}/${set.metadata.name}`, set]));
  const found = new Map<string, { namespace: string; workload: string; reason: Stale["reason"]; pods: string[] }>();
  for (const { metadata, spec = {}, status } of of("Pod")) {
    const { name, namespace = "", labels = {}, annotations = {} } = metadata;
    const revision = wanted.get(namespace);
    const ended =
      status?.phase === "Succeeded" || status?.phase === "Failed" || metadata.deletionTimestamp !== undefined;
    if (revision === undefined || ended || spec.hostNetwork === true || labels[optOut] === "false") continue;
    const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
    const meshed = containers.some((container) => container.name === "istio-proxy");
    if (meshed && annotations[revisionKey] === revision) continue;
    const workload = workloadOf(metadata, makers);
    const reason = meshed ? "another revision" : "no sidecar";
    const key = `${namespace} ${workload} ${reason}`;
    const stale = found.get(key) ?? { namespace, workload, reason, pods: [] };
    stale.pods.push(name);
    found.set(key, stale);
  }
  return [...found.keys()].sort().flatMap((key) => found.get(key) ?? []);
}

/** Who makes a pod anew, one step further up for a ReplicaSet, which a Deployment makes. */
function workloadOf(
  { name, namespace = "", ownerReferences = [] }: Meta,
  makers: ReadonlyMap<string, KubernetesObject>,
) {
  const maker = ownerReferences.find(({ controller }) => controller === true);
  if (maker === undefined) return `pod/${name}`;
  const set = maker.kind === "ReplicaSet" ? makers.get(`${namespace}/${maker.name}`) : undefined;
  const above = set?.metadata.ownerReferences?.find(({ controller }) => controller === true) ?? maker;
  return `${above.kind.toLowerCase()}/${above.name}`;
}
