/** Reads what the health of a platform is judged by, through its API server alone. */
import { z } from "zod";
import type { Get } from "../api-get.ts";
import { objectBackupNamespace } from "../components/object-backup-plan.ts";

/** What could be read; else why not, as a sentence. */
export type Known<T> = { readonly known: T } | { readonly why: string };

/** A node, and what is wrong with it. */
export interface NodeHealth {
  readonly name: string;
  /** Of its kubelet. */
  readonly version: string;
  readonly ill: readonly string[];
}

/** Something that should be there so many times. */
export interface WorkloadHealth {
  readonly name: string;
  readonly wanted: number;
  readonly available: number;
}

/** A certificate of cert-manager. */
export interface CertificateHealth {
  readonly name: string;
  readonly ready: boolean;
  readonly says: string;
  /** Unix times in seconds. */
  readonly renews?: number;
  readonly ends?: number;
}

/** An alert that fires, and that nothing silences. */
export interface AlertHealth {
  readonly name: string;
  readonly severity: string;
  readonly summary: string;
}

/** When objects were last backed up, where etcd is somebody else's. */
const lastExport = `kube_cronjob_status_last_successful_time{namespace="${objectBackupNamespace}"}`;

/** What Prometheus is asked. */
export const questions = {
  targets: "count(up)",
  targetsDown: "count(up == 0) or vector(0)",
  lastBackup: `max(quintet_etcd_backup_last_success_timestamp_seconds) or max(${lastExport})`,
  lastUpload: "max(quintet_etcd_backup_last_upload_timestamp_seconds)",
  drillOk: "max(quintet_etcd_drill_ok)",
  lastDrill: "max(quintet_etcd_drill_last_run_timestamp_seconds)",
  errorShare: "quintet:backend_errors:ratio_rate1h",
  slowShare: "quintet:backend_slow:ratio_rate1h",
} as const;

/** What Prometheus has answered; absent where it has nothing to say. */
export type Figures = Partial<Record<keyof typeof questions, number>>;

/** Everything that the health of a platform is judged by. */
export interface Reading {
  /** Unix time in seconds. */
  readonly now: number;
  readonly nodes: Known<readonly NodeHealth[]>;
  readonly workloads: Known<readonly WorkloadHealth[]>;
  readonly certificates: Known<readonly CertificateHealth[]>;
  readonly alerts: Known<readonly AlertHealth[]>;
  readonly figures: Known<Figures>;
}

/** Reads all of it at once; a part that cannot be read says why. */
export async function readHealth(get: Get, now: number): Promise<Reading> {
  const [nodes, workloads, certificates, alerts, figures] = await Promise.all([
    known(() => readNodes(get)),
    known(() => readWorkloads(get)),
    known(() => readCertificates(get)),
    known(() => readAlerts(get)),
    known(() => readFigures(get)),
  ]);
  return { now, nodes, workloads, certificates, alerts, figures };
}

async function known<T>(read: () => Promise<T>): Promise<Known<T>> {
  try {
    return { known: await read() };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { why: text.trim().split("\n").at(-1) ?? "" };
  }
}

const metadata = z.looseObject({ name: z.string(), namespace: z.string().default("") });
const condition = z.looseObject({ type: z.string(), status: z.string(), message: z.string().default("") });
const conditions = z.array(condition).default([]);

async function listOf<T>(get: Get, path: string, item: z.ZodType<T>): Promise<T[]> {
  return z.looseObject({ items: z.array(item) }).parse(JSON.parse(await get(path))).items;
}

const node = z.looseObject({
  metadata,
  spec: z.looseObject({ unschedulable: z.boolean().default(false) }),
  status: z.looseObject({ conditions, nodeInfo: z.looseObject({ kubeletVersion: z.string() }) }),
});

async function readNodes(get: Get): Promise<NodeHealth[]> {
  const all = await listOf(get, "/api/v1/nodes", node);
  return all.map(({ metadata: { name }, spec, status }) => ({
    name,
    version: status.nodeInfo.kubeletVersion,
    ill: [
      ...status.conditions
        .filter(({ type, status: is }) => (type === "Ready" ? is !== "True" : is === "True"))
        .map(({ type, message }) => (type === "Ready" ? `is not Ready: ${message}` : `has ${type}: ${message}`)),
      ...(spec.unschedulable ? ["is cordoned, so that no pod comes to it"] : []),
    ],
  }));
}

const count = z.number().default(0);
const workload = z.looseObject({
  metadata,
  spec: z.looseObject({ replicas: z.number().optional() }),
  status: z.looseObject({ availableReplicas: count, numberAvailable: count, desiredNumberScheduled: count }),
});

async function readWorkloads(get: Get): Promise<WorkloadHealth[]> {
  const kinds = ["deployments", "statefulsets", "daemonsets"];
  const lists = await Promise.all(kinds.map((kind) => listOf(get, `/apis/apps/v1/${kind}`, workload)));
  return lists.flat().map(({ metadata: { namespace, name }, spec: { replicas }, status }) => ({
    name: `${namespace}/${name}`,
    wanted: replicas ?? status.desiredNumberScheduled,
    available: replicas === undefined ? status.numberAvailable : status.availableReplicas,
  }));
}

const certificate = z.looseObject({
  metadata,
  status: z
    .looseObject({ conditions, notAfter: z.string().optional(), renewalTime: z.string().optional() })
    .prefault({}),
});

async function readCertificates(get: Get): Promise<CertificateHealth[]> {
  const all = await listOf(get, "/apis/cert-manager.io/v1/certificates", certificate);
  return all.map(({ metadata: { namespace, name }, status }) => {
    const ready = status.conditions.find(({ type }) => type === "Ready");
    return {
      name: `${namespace}/${name}`,
      ready: ready?.status === "True",
      says: ready?.message ?? "cert-manager has not looked at it",
      ...(status.renewalTime === undefined ? {} : { renews: Date.parse(status.renewalTime) / 1000 }),
      ...(status.notAfter === undefined ? {} : { ends: Date.parse(status.notAfter) / 1000 }),
    };
  });
}

/** Where the API server leads to a Service of the monitoring, by its name and port. */
export const inMonitoring = (service: string): string => `/api/v1/namespaces/monitoring/services/${service}/proxy`;

const alert = z.looseObject({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()).default({}),
  status: z.looseObject({ state: z.string() }),
});

async function readAlerts(get: Get): Promise<AlertHealth[]> {
  const all = z.array(alert).parse(JSON.parse(await get(`${inMonitoring("alertmanager:9093")}/api/v2/alerts`)));
  return all
    .filter(({ labels, status }) => status.state === "active" && labels["severity"] !== "none")
    .map(({ labels, annotations }) => ({
      name: labels["alertname"] ?? "",
      severity: labels["severity"] ?? "",
      summary: annotations["summary"] ?? "",
    }));
}

const answer = z.looseObject({
  data: z.looseObject({ result: z.array(z.looseObject({ value: z.tuple([z.number(), z.string()]) })) }),
});

async function readFigures(get: Get): Promise<Figures> {
  const all = await Promise.all(
    Object.entries(questions).map(async ([name, expr]) => {
      const path = `${inMonitoring("prometheus:9090")}/api/v1/query?query=${encodeURIComponent(expr)}`;
      const [first] = answer.parse(JSON.parse(await get(path))).data.result;
      return [name, Number(first?.value[1])] as const;
    }),
  );
  return Object.fromEntries(all.filter(([, value]) => Number.isFinite(value)));
}
