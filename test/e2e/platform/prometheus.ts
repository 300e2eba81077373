/** How the monitoring of the live platform is asked. */
import { inMonitoring } from "../../../status/reading.ts";
import { kubectl } from "./context.ts";

/** Asks a Service of the monitoring through the API server. */
export async function ask(service: string, path: string): Promise<unknown> {
  return JSON.parse(await kubectl("get", "--raw", inMonitoring(service) + path));
}

/** One of them. */
export interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly lastError: string;
}

/** Whom Prometheus scrapes. */
export const targets = async () =>
  ((await ask("prometheus:9090", "/api/v1/targets?state=active")) as { data: { activeTargets: Target[] } }).data
    .activeTargets; // prometheus.io, HTTP API

/** One series at one moment. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** What an expression is now. */
export async function query(expr: string): Promise<readonly Sample[]> {
  const answer = await ask("prometheus:9090", `/api/v1/query?query=${encodeURIComponent(expr)}`);
  return (answer as { data: { result: Sample[] } }).data.result; // prometheus.io, HTTP API
}

/** One alert in Alertmanager. */
export interface Firing {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: "active" | "suppressed" | "unprocessed" };
}

/** What Alertmanager has, by the names of the alerts. */
export async function alerts(): Promise<ReadonlyMap<string, readonly Firing[]>> {
  const all = (await ask("alertmanager:9093", "/api/v2/alerts")) as Firing[]; // Alertmanager's OpenAPI
  return Map.groupBy(all, ({ labels }) => labels["alertname"] ?? "");
}
