/** What the parts of an embedded cluster's platform say of themselves, read from its stack's configuration. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { embeddedFacts } from "../components/cluster/embedded.ts";
import { backupOf } from "../components/etcd-backup-schema.ts";
import { partsOf } from "../components/monitoring/dashboards.ts";
import type { Insight } from "../components/monitoring/insight.ts";
import { platformInsights } from "../components/platform-insights.ts";
import { schemas } from "../config.ts";
import { section } from "../problems.ts";
import { root } from "./stack.ts";

/** A stack's configuration with its defaults. @throws with every problem that it has */
export function configOf(file: string) {
  const { config: values = {} } = parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> };
  const own = Object.entries(values).map(([key, value]) => [key.replace(/^quintet:/, ""), value]);
  return section(schemas).parse(Object.fromEntries(own));
}

/** What the parts of a stack's platform say of themselves. */
export function insightsOf(file: string, kubeconfig: string, kubeconfigFile: string): readonly Insight[] {
  const facts = embeddedFacts(kubeconfig, kubeconfigFile);
  const open = configOf(file);
  return platformInsights({ ...open, backup: backupOf(open.backup, facts), facts });
}

/** The parts of a stack's platform that have a dashboard, with its panels. */
export const partsOfStack = (
  { stack, config = join(root, `Pulumi.${stack}.yaml`) }: { readonly stack: string; readonly config?: string },
  kubeconfig: string,
  kubeconfigFile: string,
) => partsOf(insightsOf(config, kubeconfig, kubeconfigFile));
