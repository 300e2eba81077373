/** CEL about probes, with the API server's defaults (k8s.io/kubernetes/pkg/apis/core/v1, SetDefaults_Probe). */
import { given, orElse } from "./form.ts";

/** The probes of a container, by what messages call them. */
export const probes = { readiness: "readinessProbe", liveness: "livenessProbe", startup: "startupProbe" } as const;

/** Those probes as lists to make checks of. */
export const probeList = Object.entries(probes).map(([name, field]) => ({ name, probe: `it.value.${field}` }));

/** What runs until it is ended: not a Job's pods, and not what runs before the others. */
export const isLongRunning = `!(variables.kind in ["Job", "CronJob"]) && ${orElse("variables.spec.restartPolicy", '"Always"')} == "Always" && it.role in ["app", "sidecar"]`;

/** A number above zero, or its default. */
const number = (path: string, otherwise: number) => `(${given(path)} && ${path} > 0 ? ${path} : ${String(otherwise)})`;

/** How often a probe asks, how long it waits for an answer, and how often it fails in a row, as CEL. */
export const timing = (probe: string) => {
  const [period, timeout] = [number(`${probe}.periodSeconds`, 10), number(`${probe}.timeoutSeconds`, 1)];
  const [failures, delay] = [number(`${probe}.failureThreshold`, 3), number(`${probe}.initialDelaySeconds`, 0)];
  /** From the first failure on, until something is done about it. */
  const patience = `(${period} * ${failures})`;
  return { period, timeout, delay, patience };
};

const filled = (path: string, otherwise: string) => `(${given(path)} && ${path} != "" ? ${path} : "${otherwise}")`;

/** What a probe asks, as one text, as CEL. */
export function asked(probe: string): string {
  const [http, grpc, tcp, exec] = [`${probe}.httpGet`, `${probe}.grpc`, `${probe}.tcpSocket`, `${probe}.exec`];
  const headers = `${orElse(`${http}.httpHeaders`, "[]")}.map(h, h.name + "=" + h.value).join(",")`;
  const parts = [
    `has(${http}) ? ${filled(`${http}.scheme`, "HTTP")} + " " + ${filled(`${http}.host`, "")} + ":" + string(${http}.port) + ${filled(`${http}.path`, "/")} + " " + ${headers}`,
    `has(${grpc}) ? "grpc :" + string(${grpc}.port) + " " + ${filled(`${grpc}.service`, "")}`,
    `has(${tcp}) ? "tcp " + ${filled(`${tcp}.host`, "")} + ":" + string(${tcp}.port)`,
    `has(${exec}) ? "exec " + ${orElse(`${exec}.command`, "[]")}.join(" ")`,
  ];
  return `(${[...parts, '""'].join(" : ")})`;
}
