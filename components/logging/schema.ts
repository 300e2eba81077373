/** The configuration of logging: how much is kept, for how long, and what that takes. */
import { z } from "zod";
import { section } from "../../problems.ts";
import { amounts, room } from "../amounts-schema.ts";
import type { Contradiction } from "../cluster/facts.ts";
import type { Tenants } from "../tenant-schema.ts";
import { platformOwner } from "./names.ts";
import { notifySchema } from "./notify-schema.ts";

const days = "must be a whole number of days from 1 to 400";
const rate = "must be a whole number of MiB in a second from 1 to 100";

const loki = section({
  kind: z.literal("loki"),
  /** How long a line can be found. */
  retentionDays: z.int(days).min(1, days).max(400, days).default(7),
  /** The room that all lines have, packed; Loki deletes by age alone, so that what comes beyond it is refused. */
  size: room.default("8Gi"),
  /** What a tenant, or the platform, may bring in a second; what is above is refused and counted. */
  rateMiB: z.int(rate).min(1, rate).max(100, rate).default(4),
  /** A claim of this class, or a folder of the node that goes with the pod. */
  storageClass: z.string().min(1).optional(),
  resources: amounts("250m", "384Mi"),
  /** What each collector may take: one runs on each node, and one watches events. */
  collector: amounts("100m", "160Mi"),
  /** Which events, and which lines, Alertmanager is told of. */
  notify: notifySchema,
});

const none = section({ kind: z.literal("none") });

/** The shape of `quintet:logging`. */
export const loggingSchema = z
  .discriminatedUnion("kind", [loki, none], 'expected an object with kind "loki" or "none"')
  .prefault({ kind: "none" });

/** Who keeps lines and events. */
export type LoggingConfig = z.infer<typeof loggingSchema>;

/** Loki with what belongs to it. */
export type LokiConfig = Extract<LoggingConfig, { kind: "loki" }>;

/** What of it does not go together, by its path under `quintet:`. */
export function loggingProblems(
  config: LoggingConfig,
  { tenants, monitoring }: { readonly tenants: Tenants; readonly monitoring: { readonly kind: string } },
): Contradiction[] {
  if (config.kind === "none") return [];
  const found: Contradiction[] = [];
  if (Object.hasOwn(tenants, platformOwner)) {
    found.push([
      ["tenants", platformOwner],
      "is whom the platform's own log lines belong to: give the tenant another name",
    ]);
  }
  if (monitoring.kind === "none" && Object.keys(config.notify.rules).length > 0) {
    found.push([
      ["logging", "notify", "rules"],
      "are alerts, and quintet:monitoring is none, so that nobody is told of any: say prometheus, or remove them",
    ]);
  }
  return found;
}
