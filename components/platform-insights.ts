/** What the parts of this platform say of themselves, and what of it is asked as its users ask it. */
import { leafDaysOf } from "./certificates-plan.ts";
import type { Contradiction } from "./cluster/facts.ts";
import { gatewayNamespace } from "./gateway-plan.ts";
import type { Insight } from "./monitoring/insight.ts";
import { insightsOf } from "./monitoring/insights.ts";
import { type Probe, probesOf } from "./monitoring/probes.ts";
import { rulesProblems } from "./monitoring/rules-schema.ts";
import { ownAlertProblems } from "./own-alerts.ts";
import { backendApp, meshedOf, type Network } from "./platform-network.ts";

/** What the parts of this platform say of themselves to whoever watches it. */
export function platformInsights(network: Omit<Network, "dns" | "network" | "tenants" | "mesh">): Insight[] {
  const { facts, backup, certificates, backend, ingress, monitoring, logging, tracing } = network;
  const sidecars = meshedOf(network)?.filter((namespace) => namespace !== gatewayNamespace);
  const own = certificates.issuer.kind !== "existing";
  const service = { namespace: backend.namespace, name: backendApp };
  const { issuer } = certificates;
  return insightsOf({
    facts,
    backup,
    certificates: own,
    sidecars,
    backend: service,
    probes: platformProbes(network),
    logging: logging.kind === "none" ? undefined : logging.notify,
    tracing: tracing.kind !== "none",
    remoteWrite: monitoring.kind !== "none" && monitoring.remoteWrite !== undefined,
    certificateDays: ingress.kind === "none" ? undefined : (leafDaysOf(issuer) ?? shortestLife),
  });
}

/** What of a stack's own alerts clashes, or would never fire, by its path under `quintet:`. */
export function ownRulesProblems(network: Parameters<typeof platformInsights>[0]): Contradiction[] {
  const { monitoring, logging } = network;
  const metrics = monitoring.kind === "none" ? {} : monitoring.rules;
  const logs = logging.kind === "none" ? {} : logging.notify.rules;
  if (Object.keys({ ...metrics, ...logs }).length === 0) return []; // as in most stacks, and at the start of every run
  const insights = platformInsights(network);
  return [
    ...ownAlertProblems(insights, [
      { path: ["monitoring", "rules"], rules: metrics },
      { path: ["logging", "notify", "rules"], rules: logs },
    ]),
    ...rulesProblems(metrics, insights),
  ];
}

/** How long certificates live at least where their issuer decides: those of ACME servers, in days. */
const shortestLife = 90;

/** What of this platform is asked as its users ask it. */
export const platformProbes = ({
  facts,
  ingress,
  certificates,
  backend,
}: Pick<Network, "facts" | "ingress" | "certificates" | "backend">): Probe[] =>
  probesOf({ facts, ingress, certificates, backend: { namespace: backend.namespace, name: backendApp } });
