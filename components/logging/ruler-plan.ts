/** What Loki looks at by itself, and whom it tells: its ruler, as data. No Pulumi here. */
import { type AlertRule, ruleOf } from "../monitoring/prometheus-files.ts";
import { logExpression } from "./log-expression.ts";
import { ownAlertSays } from "../own-alerts.ts";
import type { LogOwner } from "./names.ts";
import { logAlertsWithout } from "./notify-rules.ts";
import type { NotifyConfig } from "./notify-schema.ts";

/** What decides what Loki looks at. */
export interface RulerSpec {
  readonly notify: NotifyConfig;
  /** Whose lines and events are looked at, each owner's by itself. */
  readonly owners: readonly Pick<LogOwner, "name">[];
  /** The URL of each Alertmanager, all of which are told. */
  readonly alertmanagers: readonly string[];
  /** What every alert carries, as Prometheus' do: the environment. */
  readonly external: Readonly<Record<string, string>>;
  /** What the names of the platform's own alerts are put after, for their runbooks. */
  readonly runbooks: string;
}

/** Where Loki reads the rules of an owner, which are the same for all. */
const rulesFolder = "/etc/loki-rules";

/** How the file of the rules is called. */
export const rulesFileName = "rules.json";

/** The part of Loki's file about its ruler. */
export const rulerConfig = (
  { alertmanagers, external }: Pick<RulerSpec, "alertmanagers" | "external">,
  scratch: string,
) => ({
  storage: { type: "local", local: { directory: rulesFolder } },
  rule_path: scratch,
  alertmanager_url: alertmanagers.join(","),
  enable_alertmanager_v2: true,
  external_labels: external,
  evaluation_interval: "30s",
  ring: { kvstore: { store: "inmemory" } },
});

/** The rules: the platform's own but for those that are left out, and the stack's. */
export function logRulesFile({ notify, runbooks }: Pick<RulerSpec, "notify" | "runbooks">) {
  const rules: AlertRule[] = [
    ...logAlertsWithout(notify.without).map((alert) => ruleOf(alert, runbooks)),
    ...Object.entries(notify.rules).map(([name, rule]) => ({
      alert: name,
      expr: logExpression(rule),
      ...ownAlertSays(rule),
    })),
  ];
  return { groups: [{ name: "logging", rules }] };
}

/** Where Loki's container has the rules of each owner: one folder each, whose name is whose lines they are about. */
export const rulesMounts = ({ owners }: Pick<RulerSpec, "owners">, volume: string) =>
  owners.map(({ name }) => ({
    name: volume,
    mountPath: `${rulesFolder}/${name}/${rulesFileName}`,
    subPath: rulesFileName,
    readOnly: true,
  }));
