/** The configuration of remote write: where else Prometheus brings what it measures, and how much of it. */
import { z } from "zod";
import { section } from "../../problems.ts";
import type { Contradiction } from "../cluster/facts.ts";
import { re2 } from "../re2.ts";

const whole = (least: number, most: number) => {
  const words = `must be a whole number from ${String(least)} to ${String(most)}`;
  return z.int(words).min(least, words).max(most, words);
};

/** The shape of `quintet:monitoring.remoteWrite`. */
export const remoteWriteSchema = section({
  /** Where it is brought, in Prometheus' own protocol. */
  url: z
    .url({ protocol: /^https?$/, error: "must be a URL like https://metrics.example/api/v1/write", abort: true })
    .refine(
      (url) => new URL(url).username === "" && new URL(url).password === "",
      "holds a login, and stands in a ConfigMap: set quintet:remoteWriteSecret, and authentication",
    ),
  /** How it says who it is; the password, or the token, is the secret `quintet:remoteWriteSecret`. */
  authentication: z
    .discriminatedUnion(
      "kind",
      [
        section({ kind: z.literal("none") }),
        section({ kind: z.literal("basic"), username: z.string().min(1) }),
        section({ kind: z.literal("bearer") }),
      ],
      'expected an object with kind "none", "basic" or "bearer"',
    )
    .prefault({ kind: "none" }),
  tls: section({
    /** Who vouches for the server, as PEM. @default whom the image trusts */
    ca: z
      .string()
      .regex(/^-----BEGIN CERTIFICATE-----\n[\s\S]+-----END CERTIFICATE-----\s*$/, "must be certificates as PEM")
      .optional(),
    /** What the server's certificate says. @default the host of the URL */
    serverName: z.string().min(1).optional(),
  }).prefault({}),
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

/**
 * What of it does not go together, by its path under `quintet:`.
 *
 * @param remote `undefined` where nothing is brought anywhere
 */
export function remoteWriteProblems(remote: RemoteWriteConfig | undefined, secret: string): Contradiction[] {
  const logsIn = remote !== undefined && remote.authentication.kind !== "none";
  if (!logsIn) {
    return secret === ""
      ? []
      : [
          [
            ["remoteWriteSecret"],
            "is for quintet:monitoring.remoteWrite, which logs in nowhere: remove it, or say how",
          ],
        ];
  }
  const found: Contradiction[] = [];
  if (new URL(remote.url).protocol === "http:") {
    found.push([
      ["monitoring", "remoteWrite", "url"],
      "is without TLS, so that the secret would go over the network for everybody to read: use https",
    ]);
  }
  if (secret === "") {
    found.push([
      ["remoteWriteSecret"],
      "is missing, and quintet:monitoring.remoteWrite logs in: set it with `npm run secret -- remoteWriteSecret`",
    ]);
  }
  return found;
}
