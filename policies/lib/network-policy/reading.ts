/** Reads NetworkPolicies, and the pods that they are about, out of objects. */
import {
  type Labels,
  type NetworkPolicy,
  type Pod,
  type PolicySpec,
  protocols,
} from "../../../components/network-policy.ts";
import { type KubernetesObject, namespaceOf } from "../object.ts";
import { entries, list, property, text } from "../values.ts";
import { type Workload, workloadOf } from "../workload.ts";
import { problemsOf } from "./problems.ts";

/** A policy that the API server would take. */
export interface ReadPolicy extends NetworkPolicy {
  readonly object: KubernetesObject;
}

/** Pods that a workload makes. */
export interface ReadPods extends Pod {
  readonly workload: Workload;
}

/** Whether an object is a NetworkPolicy of Kubernetes, and not one of a network's own API. */
export const isNetworkPolicy = ({ kind, apiVersion }: KubernetesObject): boolean =>
  kind === "NetworkPolicy" && apiVersion.startsWith("networking.k8s.io/");

/** The policy that an object is, if it is one that the API server takes; throws UnknownValue where it is not known. */
export function policiesOf(object: KubernetesObject): ReadPolicy[] {
  if (!isNetworkPolicy(object) || object.patch) return [];
  const value = withoutNulls(object.value);
  const spec = property(value, "spec") ?? {};
  // What the API server refuses binds nobody, and network-policy-require-valid says so.
  return isSpec(spec)
    ? [{ namespace: namespaceOf({ value }), name: object.name, spec: { ...anyPod, ...spec }, object }]
    : [];
}

const anyPod = { podSelector: {} };

function isSpec(spec: unknown): spec is PolicySpec {
  for (const _ of problemsOf({ spec }, { strictCidrs: false })) return false;
  return true;
}

/** What is written, without what stands for nothing; throws UnknownValue where it is not known. */
function withoutNulls(value: unknown, name = ""): unknown {
  const nothing = name === "values" ? "" : {};
  if (Array.isArray(value)) return Array.from(value, (item: unknown) => withoutNulls(item) ?? nothing);
  if (typeof value !== "object" || value === null) return value ?? undefined;
  const kept = entries(value).map(([key, item]) => [key, withoutNulls(item, key)] as const);
  return Object.fromEntries(kept.filter(([, item]) => item !== undefined));
}

/** The pods that an object makes, if any; throws UnknownValue where they are not known. */
export function podsOf(object: KubernetesObject): ReadPods[] {
  const workload = workloadOf(object);
  if (workload === undefined || object.patch || object.kind === "PodTemplate") return [];
  return [
    {
      workload,
      namespace: namespaceOf(object),
      labels: { ...workload.labels, ...addedLabels(object) },
      hostNetwork: workload.hostNetwork,
      ports: workload.containers.flatMap(({ role, value }) => (role === "init" ? [] : portsOf(value))),
    },
  ];
}

/** What the Job controller adds; of a CronJob's Job the name is only known when it is made. */
const addedLabels = ({ kind, name }: KubernetesObject): Labels =>
  kind === "Job" || kind === "CronJob" ? { "batch.kubernetes.io/job-name": name, "job-name": name } : {};

function portsOf(container: unknown): NonNullable<Pod["ports"]> {
  return list(property(container, "ports")).map((port) => ({
    name: text(property(port, "name")) ?? "",
    port: Number(text(property(port, "containerPort"))),
    protocol: protocols.find((one) => one === property(port, "protocol")) ?? "TCP",
  }));
}
