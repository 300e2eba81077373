/** The configuration of what of events and lines people are told. */
import { z } from "zod";
import { parseDuration } from "../../duration.ts";
import { section } from "../../problems.ts";
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
const sentence = z.string().min(1, "must be a sentence for whoever is told");

const rule = section({
  of: counted,
  /** How many there must be. */
  atLeast: z.int(least).min(1, least).max(100_000, least).default(1),
  /** In how much time; once there are fewer, the alert is over. */
  within: within.default("5m"),
  severity: z.enum(["critical", "warning"]).default("warning"),
  summary: sentence,
  description: sentence,
  /** Where it is written what to do. */
  runbook: z.url({ protocol: /^https?$/, error: "must be the URL of a page like https://wiki.example/runbook" }),
});

/** One rule of a stack's own. */
export type NotifyRule = z.infer<typeof rule>;

function nameProblem(name: string): string | undefined {
  if (!/^([A-Z][a-z0-9]+)+$/.test(name)) return "must be called as alerts are, like ShopPaymentsFail";
  return logAlertNames.some((own) => own === name) ? "is the name of one of the platform's own" : undefined;
}

/** The shape of `quintet:logging.notify`. */
export const notifySchema = section({
  /** Which of the platform's own rules are left out. */
  without: z.array(z.enum(logAlertNames, `must be one of ${logAlertNames.join(", ")}`)).default([]),
  /** Rules of the stack's own, by the names of their alerts. */
  rules: z
    .record(z.string(), rule)
    .superRefine((rules, context) => {
      for (const name of Object.keys(rules)) {
        const message = nameProblem(name);
        if (message !== undefined) context.addIssue({ code: "custom", path: [name], message });
      }
    })
    .default({}),
}).prefault({});

/** What of events and lines people are told. */
export type NotifyConfig = z.infer<typeof notifySchema>;
