/** The configuration of what of events and lines people are told. */
import { z } from "zod";
import { parseDuration } from "../../duration.ts";
import { section } from "../../problems.ts";
import { ownAlert, ownAlerts } from "../own-alerts.ts";
import { re2 } from "../re2.ts";
import { logAlertNames } from "./notify-rules.ts";

const reason = z.string().regex(/^[A-Z][A-Za-z0-9]*$/, "must be a reason of events like FailedMount");
const label = z.string().regex(/^[a-z0-9]([-a-z0-9._]*[a-z0-9])?$/i, "must be a name as Kubernetes writes it");

/** What is counted. */
const counted = z.discriminatedUnion(
  "kind",
  [
    section({
      kind: z.literal("events"),
      /** Any of these. */
      reasons: z.array(reason).min(1, "must name at least one reason, like FailedMount"),
      /** A regular expression (RE2) that their messages hold. @default any message */
      saying: re2.optional(),
    }),
    section({
      kind: z.literal("lines"),
      /** A regular expression (RE2) that the lines hold. */
      saying: re2,
      /** Of the containers there. @default of all namespaces */
      namespace: label.optional(),
      /** Of pods whose label `app.kubernetes.io/name` this is. @default of all pods */
      app: label.optional(),
    }),
  ],
  'expected an object with kind "events" or "lines"',
);

const least = "must be a whole number from 1 to 100000";
const within = z.string().refine((text) => {
  const milliseconds = parseDuration(text) ?? 0;
  return milliseconds % 60_000 === 0 && milliseconds >= 60_000 && milliseconds <= 3_600_000;
}, 'must be whole minutes like "5m", from 1m to 60m');
const rule = section({
  of: counted,
  /** How many there must be. */
  atLeast: z.int(least).min(1, least).max(100_000, least).default(1),
  /** In how much time; once there are fewer, the alert is over. */
  within: within.default("5m"),
  ...ownAlert,
});

/** One rule of a stack's own. */
export type NotifyRule = z.infer<typeof rule>;

/** The shape of `quintet:logging.notify`. */
export const notifySchema = section({
  /** Which of the platform's own rules are left out. */
  without: z.array(z.enum(logAlertNames, `must be one of ${logAlertNames.join(", ")}`)).default([]),
  /** Rules of the stack's own, by the names of their alerts. */
  rules: ownAlerts(rule).default({}),
}).prefault({});

/** What of events and lines people are told. */
export type NotifyConfig = z.infer<typeof notifySchema>;
