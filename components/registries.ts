/** Where images may come from and who may pull them: the rules of `quintet:registries`, and the credentials beside them. */
import { z } from "zod";
import { section } from "../problems.ts";
import { type Contradiction, dnsLabel } from "./cluster/facts.ts";
import { foreign, image, imagePrefix, registryHost, unfixed } from "./registries-images.ts";

/** A record whose keys are checked, and reported as what they are. */
export const keyed = <K extends z.ZodString, V extends z.ZodType>(key: K, value: V) =>
  z.record(key, value, {
    error: ({ code, issues }) => (code === "invalid_key" ? issues[0]?.message : undefined),
  });

const distinct = <T extends z.ZodType<string>>(item: T) =>
  z.array(item).refine((list) => new Set(list).size === list.length, "must not name anything twice");

const mirrored = z
  .string()
  .refine(
    (key) => key === "*" || registryHost.safeParse(key).success,
    'must be a registry\'s host like ghcr.io, or "*"',
  );

const endpoint = z.url({ protocol: /^https?$/, error: "must be a URL like https://mirror.example:5000" });

/** The shape of `quintet:registries`. */
export const registriesSchema = section({
  /**
   * The registries, or parts of them, that tenants' images may come from, by full name: `docker.io/library` is the home
   * of `nginx`. The platform's own images stand in versions.ts and need no leave. @default every registry
   */
  allowed: distinct(imagePrefix).min(1, "allows no image at all, name a registry or leave the key out").optional(),
  /** Whether tenants' images need a digest, because a tag can be moved. */
  requireDigest: z.boolean().default(false),
  /** Images that tenants run: what a closed network's mirror has to hold beside the platform's own. */
  images: distinct(image).default([]),
  /** Where a registry's images are to be had instead, in this order, by its host; "*" stands for all the others. */
  mirrors: keyed(mirrored, distinct(endpoint).min(1, "names no mirror, name one or leave the registry out")).default(
    {},
  ),
  /** The registries that want a login, by host, and whose pods get the one from `quintet:registryCredentials`. */
  pullSecrets: keyed(
    registryHost,
    section({
      /** Tenants all of whose namespaces get it. */
      tenants: distinct(dnsLabel).default([]),
      /** Further namespaces of tenants that get it, by full name. */
      namespaces: distinct(dnsLabel).default([]),
    }),
  ).default({}),
})
  .superRefine((registries, context) => {
    for (const [path, message] of contradictions(registries)) context.addIssue({ code: "custom", path, message });
  })
  .prefault({});

/** Where images may come from and who may pull them. */
export type Registries = z.infer<typeof registriesSchema>;

/** Names and passwords by the host of their registry: all of `quintet:registryCredentials`, and all of it secret. */
export type RegistryCredentials = Readonly<Record<string, { readonly username: string; readonly password: string }>>;

function contradictions({ allowed, requireDigest, images, pullSecrets }: Registries): Contradiction[] {
  const found: Contradiction[] = [];
  images.forEach((name, index) => {
    const problem = unfixed(name, requireDigest) ?? foreign(name, allowed);
    if (problem !== undefined) found.push([["images", index], `"${name}" ${problem}`]);
  });
  for (const [host, { tenants, namespaces }] of Object.entries(pullSecrets)) {
    if (tenants.length + namespaces.length === 0) {
      found.push([["pullSecrets", host], "is for nobody, name a tenant or a namespace that pulls from there"]);
    }
    if (allowed?.every((prefix) => prefix.split("/")[0] !== host) === true) {
      found.push([["pullSecrets", host], `is a login where no image may come from, allowed are ${allowed.join(", ")}`]);
    }
  }
  return found;
}

const credentialsSchema = z.record(
  z.string(),
  z.strictObject({ username: z.string().min(1), password: z.string().min(1) }),
);

/** What `quintet:registryCredentials` holds, or what is wrong with it. */
export type CredentialsAnswer =
  | { readonly credentials: RegistryCredentials; readonly problems?: never }
  | { readonly credentials?: never; readonly problems: readonly string[] };

const form = 'write it as {"<host>": {"username": "…", "password": "…"}}';

/**
 * Reads the credentials of registries and holds them against the pull secrets. A problem never quotes the text, not
 * even its keys: what stands at the wrong place may be the password. It names only hosts that `pullSecrets` names.
 *
 * @param text the value of `quintet:registryCredentials`; `undefined` when it is not there
 * @param pullSecrets those of `quintet:registries`
 * @returns problems as the rest of a sentence that starts with `quintet:registryCredentials`
 */
export function readCredentials(text: string | undefined, pullSecrets: Registries["pullSecrets"]): CredentialsAnswer {
  const parsed = credentialsSchema.safeParse(text === undefined ? {} : jsonOf(text));
  if (!parsed.success)
    return { problems: [...new Set(parsed.error.issues.map((issue) => veiled(issue, pullSecrets)))] };
  const given = parsed.data;
  const strangers = Object.keys(given).filter((host) => !Object.hasOwn(pullSecrets, host)).length;
  const problems = [
    ...Object.keys(pullSecrets)
      .filter((host) => !Object.hasOwn(given, host))
      .map(
        (host) =>
          `has no login for ${host}, which quintet:registries.pullSecrets names, add {"${host}": {"username": "…", "password": "…"}}`,
      ),
    ...(strangers === 0
      ? []
      : [
          `has ${strangers === 1 ? "a login" : `${String(strangers)} logins`} that nobody uses: quintet:registries.pullSecrets names ${listed(Object.keys(pullSecrets))}`,
        ]),
  ];
  return problems.length === 0 ? { credentials: given } : { problems };
}

/** The value of a JSON text; `undefined` when it is none, since the parser's own message quotes the text. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** An issue without anything out of the value: a known host, and which of the two fields, at most. */
function veiled({ path: [host, field] }: z.core.$ZodIssue, pullSecrets: Registries["pullSecrets"]): string {
  if (host === undefined) return `is not JSON of the right form, ${form}`;
  const entry = typeof host === "string" && Object.hasOwn(pullSecrets, host) ? `the login for ${host}` : "a login";
  return field === "username" || field === "password"
    ? `${entry} has no ${field}, or not one as text: ${form}`
    : `${entry} is not of the right form, ${form}`;
}

const listed = (names: readonly string[]) => (names.length === 0 ? "no registry" : names.join(", "));

/** The key under which Docker Hub's login is looked for (k8s.io/kubernetes/pkg/credentialprovider). */
const hubKey = "https://index.docker.io/v1/";

/**
 * The content of a Secret of type kubernetes.io/dockerconfigjson, as JSON.
 *
 * @param hosts the registries whose logins go in; each has one
 */
export function dockerConfigJson(credentials: RegistryCredentials, hosts: readonly string[]): string {
  const auths = hosts.flatMap((host) => {
    const login = credentials[host];
    if (login === undefined) return [];
    const auth = Buffer.from(`${login.username}:${login.password}`).toString("base64");
    return [[host === "docker.io" ? hubKey : host, { ...login, auth }] as const];
  });
  return JSON.stringify({ auths: Object.fromEntries(auths) });
}

/** The configuration of the policy pack `images` that holds workloads to the rules: its rules' names to their settings. */
export function imagesPackConfig({ allowed, requireDigest }: Pick<Registries, "allowed" | "requireDigest">) {
  return {
    "images-require-allowed-registry": allowed === undefined ? {} : { allowed },
    "images-require-fixed-version": { requireDigest },
  };
}
