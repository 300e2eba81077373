/** Whoever outside is logged in at: what is said of it, and how the programs of Prometheus' family write that. */
import { z } from "zod";
import { section } from "../../problems.ts";
import type { Contradiction } from "../cluster/facts.ts";

/** How a program says who it is; the password, or the token, is a secret of its own. */
export const authentication = z
  .discriminatedUnion(
    "kind",
    [
      section({ kind: z.literal("none") }),
      section({ kind: z.literal("basic"), username: z.string().min(1) }),
      section({ kind: z.literal("bearer") }),
    ],
    'expected an object with kind "none", "basic" or "bearer"',
  )
  .prefault({ kind: "none" });

/** Whom it believes. */
export const tls = section({
  /** Who vouches for the server, as PEM. @default whom the image trusts */
  ca: z
    .string()
    .regex(/^-----BEGIN CERTIFICATE-----\n[\s\S]+-----END CERTIFICATE-----\s*$/, "must be certificates as PEM")
    .optional(),
  /** What the server's certificate says. @default the host that is called */
  serverName: z.string().min(1).optional(),
}).prefault({});

/**
 * A URL, which anybody may read who may read ConfigMaps.
 *
 * @param error what it must be, as the rest of a sentence
 * @param secretKey where the login belongs that it must not hold
 */
export const openUrl = (error: string, secretKey: string) =>
  z
    .url({ protocol: /^https?$/, error, abort: true })
    .refine(
      (url) => new URL(url).username === "" && new URL(url).password === "",
      `holds a login, and stands in a ConfigMap: set quintet:${secretKey}, and authentication`,
    );

interface FarEnd {
  readonly authentication: z.infer<typeof authentication>;
  readonly tls: z.infer<typeof tls>;
}

/** Where a pod has its secret, and the CA of the far end. */
export interface FarFiles {
  readonly secret: string;
  readonly ca: string;
}

/** `tls_config`, or nothing where nothing is said. */
export const tlsConfig = ({ ca, serverName }: FarEnd["tls"], files: Pick<FarFiles, "ca">) =>
  ca === undefined && serverName === undefined
    ? {}
    : {
        tls_config: {
          ...(ca === undefined ? {} : { ca_file: files.ca }),
          ...(serverName === undefined ? {} : { server_name: serverName }),
        },
      };

/** The fields of a client of HTTP (prometheus.io, `<http_config>`). Only files are named, which are read at each use. */
export const httpClient = (end: FarEnd, files: FarFiles) => ({
  ...(end.authentication.kind === "basic"
    ? { basic_auth: { username: end.authentication.username, password_file: files.secret } }
    : {}),
  ...(end.authentication.kind === "bearer" ? { authorization: { credentials_file: files.secret } } : {}),
  ...tlsConfig(end.tls, files),
});

/** The Secret of a program that logs in somewhere, as a folder of its pod; nothing where it does not. */
export const secretFolder = (logsIn: boolean, secretName: string, mountPath: string) => ({
  mounts: logsIn ? [{ name: "far-end", mountPath, readOnly: true }] : [],
  volumes: logsIn ? [{ name: "far-end", secret: { secretName } }] : [],
});

/**
 * What is wrong with a secret for somebody outside, by its path under `quintet:`.
 *
 * @param wanted whether anybody logs in with it
 * @param url where to, unless there is always TLS on the way
 */
export function farSecretProblems(
  secret: string,
  wanted: boolean,
  names: { readonly key: string; readonly path: readonly string[]; readonly url?: string | undefined },
): Contradiction[] {
  const { key, path, url } = names;
  const of = `quintet:${path.join(".")}`;
  if (!wanted) {
    return secret === "" ? [] : [[[key], `is for ${of}, which logs in nowhere: remove it, or say how`]];
  }
  const found: Contradiction[] = [];
  if (url !== undefined && new URL(url).protocol === "http:") {
    found.push([
      [...path, "url"],
      "is without TLS, so that the secret would go over the network for everybody to read: use https",
    ]);
  }
  if (secret === "") found.push([[key], `is missing, and ${of} logs in: set it with \`npm run secret -- ${key}\``]);
  return found;
}
