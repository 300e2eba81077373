/** The configuration of monitoring: how often, for how long, with what, and who is told. */
import { z } from "zod";
import { parseDuration } from "../../duration.ts";
import { section } from "../../problems.ts";
import { amounts, room } from "../amounts-schema.ts";
import type { ClusterFacts, Contradiction } from "../cluster/facts.ts";
import { receiverProblems, receiverSchema } from "./receiver-schema.ts";
import { remoteWriteProblems, remoteWriteSchema } from "./remote-write-schema.ts";
import { rulesSchema } from "./rules-schema.ts";

const replicas = (most: number) => {
  const count = `must be a whole number of replicas from 1 to ${String(most)}`;
  return z.int(count).min(1, count).max(most, count);
};

const seconds = (least: number, most: number) =>
  z.string().refine(
    (text) => {
      const milliseconds = parseDuration(text) ?? 0;
      return milliseconds % 1000 === 0 && milliseconds >= least * 1000 && milliseconds <= most * 1000;
    },
    `must be whole seconds like "30s", from ${String(least)}s to ${String(most)}s`,
  );

/** Who draws what is measured. */
const grafana = z
  .discriminatedUnion(
    "kind",
    [
      section({ kind: z.literal("none") }),
      section({ kind: z.literal("grafana"), resources: amounts("250m", "256Mi") }),
    ],
    'expected an object with kind "grafana" or "none"',
  )
  .prefault({ kind: "none" });

const prometheus = section({
  kind: z.literal("prometheus"),
  /** How many Prometheus there are; each scrapes everything, so that one may fail. */
  replicas: replicas(2).default(1),
  /** How often each target is scraped, and each rule looked at. */
  interval: seconds(5, 120).default("30s"),
  /** What is kept: whichever of both is reached first. */
  retention: section({
    days: z.int("must be a whole number of days from 1 to 400").min(1).max(400).default(15),
    size: room.default("8Gi"),
  }).prefault({}),
  /** A claim of this class, or a folder of the node that goes with the pod. */
  storageClass: z.string().min(1).optional(),
  resources: amounts("250m", "768Mi"),
  /** Where else what is measured is brought. @default nowhere */
  remoteWrite: remoteWriteSchema.optional(),
  /** Rules of the stack's own, by the names of their alerts. */
  rules: rulesSchema,
  alertmanager: section({ replicas: replicas(3).default(1), receiver: receiverSchema }).prefault({}),
  grafana,
});

const none = section({ kind: z.literal("none") });

/** The shape of `quintet:monitoring`. */
export const monitoringSchema = z
  .discriminatedUnion("kind", [prometheus, none], 'expected an object with kind "prometheus" or "none"')
  .prefault({ kind: "none" });

/** What watches the platform. */
export type MonitoringConfig = z.infer<typeof monitoringSchema>;

/** Prometheus with what belongs to it. */
export type PrometheusConfig = Extract<MonitoringConfig, { kind: "prometheus" }>;

/** What of it does not go together, or cannot be had on this cluster, by its path under `quintet:`. */
export function monitoringProblems(
  config: MonitoringConfig,
  { imageSource }: Pick<ClusterFacts, "imageSource">,
  {
    grafanaPassword,
    remoteWriteSecret,
    alertReceiverSecret,
  }: Readonly<Record<"grafanaPassword" | "remoteWriteSecret" | "alertReceiverSecret", string>>,
): Contradiction[] {
  const watched = config.kind === "none" ? undefined : config;
  const found = [
    ...remoteWriteProblems(watched?.remoteWrite, remoteWriteSecret),
    ...receiverProblems(watched?.alertmanager.receiver ?? { kind: "none" }, alertReceiverSecret),
  ];
  if (config.kind === "none") return found;
  if (config.replicas > 1 && config.alertmanager.replicas === 1) {
    found.push([
      ["monitoring", "alertmanager", "replicas"],
      "is 1 beside two Prometheus: whoever may lose one of those must be told by more than one, say 2",
    ]);
  }
  if (config.grafana.kind === "none") return found;
  if (imageSource === "mirror") {
    found.push([
      ["monitoring", "grafana", "kind"],
      "is grafana, but the mirror of an embedded cluster has no image of it: say none, and look at Prometheus",
    ]);
  } else if (grafanaPassword.length < shortest) {
    found.push([
      ["grafanaPassword"],
      `must have at least ${String(shortest)} characters where Grafana is wanted: set it with \`npm run secret -- grafanaPassword\``,
    ]);
  }
  return found;
}

/** Of the administrator's password. */
const shortest = 12;
