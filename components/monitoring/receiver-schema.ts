/** The configuration of whoever is told of alerts. */
import { z } from "zod";
import { section } from "../../problems.ts";
import type { Contradiction } from "../cluster/facts.ts";
import { authentication, farSecretProblems, openUrl, tls } from "./far-end.ts";

const secretKey = "alertReceiverSecret";
const address = z.email("must be an address like ops@acme.example");
const listening = /^(?<host>[a-z0-9]([-a-z0-9.]*[a-z0-9])?):(?<port>[1-9]\d{0,4})$/i;

/** The shape of `quintet:monitoring.alertmanager.receiver`. What logs in takes the secret `quintet:alertReceiverSecret`. */
export const receiverSchema = z
  .discriminatedUnion(
    "kind",
    [
      section({ kind: z.literal("none") }),
      section({
        kind: z.literal("webhook"),
        /** Where Alertmanager posts its JSON. */
        url: openUrl("must be the URL of a webhook like https://alerts.example/hook", secretKey),
        authentication,
        tls,
      }),
      section({
        kind: z.literal("email"),
        /** Who takes the messages, with TLS from the start on port 465, and by STARTTLS, without which nothing is sent. */
        server: z
          .string()
          .regex(listening, "must be a mail server with its port, like smtp.acme.example:587")
          .refine((text) => Number(listening.exec(text)?.groups?.["port"] ?? 0) < 65_536, "has no such port"),
        from: address,
        to: z.array(address).min(1, "names nobody who could be told"),
        /** Who it logs in as; the password is the secret. @default it does not log in */
        username: z.string().min(1).optional(),
        tls,
      }),
      section({
        kind: z.literal("slack"),
        /** As Slack writes it. @default the one that its webhook, which is the secret, belongs to */
        channel: z
          .string()
          .regex(/^[#@].+/, "must be a channel like #alerts, or somebody like @ops")
          .optional(),
        tls,
      }),
    ],
    'expected an object with kind "webhook", "email", "slack" or "none"',
  )
  .prefault({ kind: "none" });

/** Who is told of alerts. */
export type Receiver = z.infer<typeof receiverSchema>;

/** Whether it takes the secret. */
export function logsIn(receiver: Receiver): boolean {
  if (receiver.kind === "webhook") return receiver.authentication.kind !== "none";
  return receiver.kind === "slack" || (receiver.kind === "email" && receiver.username !== undefined);
}

/** What of it does not go together, by its path under `quintet:`. */
export function receiverProblems(receiver: Receiver, secret: string): Contradiction[] {
  const path = ["monitoring", "alertmanager", "receiver"];
  const url = receiver.kind === "webhook" ? receiver.url : undefined;
  const found = farSecretProblems(secret, logsIn(receiver), { key: secretKey, path, url });
  if (receiver.kind === "slack" && secret !== "" && !URL.canParse(secret))
    found.push([[secretKey], "must be the URL of Slack's incoming webhook, or of whoever speaks as Slack does"]);
  return found;
}
