/** What the parts of the logging know each other by: no Pulumi here. */

/** Where Loki runs, and who watches events. */
export const loggingNamespace = "logging";

/** Where the collectors of the nodes run: in a namespace of their own, since they see files of their nodes. */
export const collectorNamespace = "log-collector";

/** Where each listens. */
export const loggingPorts = { loki: 3100, lokiPeers: 9095, figures: 8888, health: 13133 } as const;

const named = (name: string) => ({ "app.kubernetes.io/name": name });

/** What tells the pods of each program from all others. */
export const loggingLabels = {
  loki: named("loki"),
  nodes: named("log-collector"),
  events: named("event-collector"),
} as const;

/** How edges write them. */
export const lokiRef = `${loggingNamespace}/loki`;
export const nodeCollectorRef = `${collectorNamespace}/log-collector`;
export const eventCollectorRef = `${loggingNamespace}/event-collector`;

/** Whose lines are kept apart: each tenant has its own, under its name, and everything else is the platform's. */
export interface LogOwner {
  readonly name: string;
  /** Its namespaces; for the platform, those of all others, which are not its own. */
  readonly namespaces: readonly string[];
}

/** The owner of what belongs to no tenant. */
export const platformOwner = "platform";
