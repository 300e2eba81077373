/** The configuration of remote write: where else Prometheus brings what it measures, and how much of it. */
import { z } from "zod";
import { section } from "../../problems.ts";
import type { Contradiction } from "../cluster/facts.ts";
import { re2 } from "../re2.ts";
import { authentication, farSecretProblems, openUrl, tls } from "./far-end.ts";

const secretKey = "remoteWriteSecret";

const whole = (least: number, most: number) => {
  const words = `must be a whole number from ${String(least)} to ${String(most)}`;
  return z.int(words).min(least, words).max(most, words);
};

/** The shape of `quintet:monitoring.remoteWrite`. */
export const remoteWriteSchema = section({
  /** Where it is brought, in Prometheus' own protocol. */
  url: openUrl("must be a URL like https://metrics.example/api/v1/write", secretKey),
  /** How it says who it is; the password, or the token, is the secret `quintet:remoteWriteSecret`. */
  authentication,
  tls,
  /** A regular expression (RE2) of the whole names of series that are brought. @default all */
  keep: re2.optional(),
  /** What waits where the other end is slow: each of so many shards holds so much (prometheus.io, remote write tuning). */
  queue: section({
    maxShards: whole(1, 200).default(10),
    capacity: whole(100, 100_000).default(10_000),
    maxSamplesPerSend: whole(10, 10_000).default(2000),
  }).prefault({}),
});

/** Where else Prometheus brings what it measures. */
export type RemoteWriteConfig = z.infer<typeof remoteWriteSchema>;

/** Whether it takes the secret. */
export const writeLogsIn = (remote: RemoteWriteConfig | undefined): boolean =>
  remote !== undefined && remote.authentication.kind !== "none";

/**
 * What of it does not go together, by its path under `quintet:`.
 *
 * @param remote `undefined` where nothing is brought anywhere
 */
export const remoteWriteProblems = (remote: RemoteWriteConfig | undefined, secret: string): Contradiction[] =>
  farSecretProblems(secret, writeLogsIn(remote), {
    key: secretKey,
    path: ["monitoring", "remoteWrite"],
    url: remote?.url,
  });
