/** What an image's name says: its registry, repository, tag and digest, by the grammar of distribution/reference. */
import { z } from "zod";

/** An image by its full name: what a container runtime makes of the short one that people write. */
export interface ImageReference {
  /** The host of the registry with its port, if it has one: "docker.io" when the name has none. */
  readonly registry: string;
  /** The path in the registry: "library/nginx" of "nginx". */
  readonly repository: string;
  readonly tag?: string;
  /** The digest with its algorithm, as in "sha256:0123…". */
  readonly digest?: string;
}

/** What rules ask of an image beyond a fixed version. */
export interface ImageRules {
  /** Registries, or repositories in them, as full names without a tag. @default every registry is allowed */
  readonly allowed?: readonly string[];
  /** Whether a tag alone is not enough, since who owns the registry can move it. */
  readonly requireDigest: boolean;
}

const domainPart = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const domain = `${domainPart}(?:\\.${domainPart})*(?::[0-9]{1,5})?`;
const component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const path = `${component}(?:/${component})*`;
const digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const nameGrammar = new RegExp(`^${path}$`);
const domainGrammar = new RegExp(`^${domain}$`);
const versionGrammar = new RegExp(`^([^:@]*(?::[0-9]{1,5}/[^:@]*)?)(?::([\\w][\\w.-]{0,127}))?(?:@(${digest}))?$`);

const hosted = [
  `${domainPart}(?:\\.${domainPart})+(?::[0-9]{1,5})?`,
  `${domainPart}:[0-9]{1,5}`,
  "localhost",
  "[A-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?",
  "[a-z0-9][a-zA-Z0-9-]*[A-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?",
].join("|");

/**
 * What {@link parseImage} takes for an image's name, as one expression of RE2's: what comes before the first slash is a
 * host, or a folder without a dot.
 */
export const imagePattern = `^(?:(?:${hosted})/${path}|(?:[a-z0-9]+(?:(?:_|__|-+)[a-z0-9]+)*/${path}|${component}))(?::[\\w][\\w.-]{0,127})?(?:@${digest})?$`;

/** The name in an image's name that is one: without tag and digest. */
export const imageNamePattern = "^[^:@]*(?::[0-9]{1,5}/[^:@]*)?";

/** The registry of names without one, and the other names by which it answers. */
export const hub = { registry: "docker.io", aliases: ["index.docker.io", "registry-1.docker.io"] } as const;

/** The parts of an image's name; `undefined` when it is none. */
export function parseImage(text: string): ImageReference | undefined {
  const match = versionGrammar.exec(text);
  if (match === null) return undefined;
  const [, name = "", tag, sum] = match;
  const slash = name.indexOf("/");
  const hasHost = slash > 0 && isHost(name.slice(0, slash));
  const registry = hasHost ? canonical(name.slice(0, slash)) : hub.registry;
  const rest = hasHost ? name.slice(slash + 1) : name;
  if (!domainGrammar.test(registry) || !nameGrammar.test(rest)) return undefined;
  return {
    registry,
    repository: registry === hub.registry && !rest.includes("/") ? `library/${rest}` : rest,
    ...(tag === undefined ? {} : { tag }),
    ...(sum === undefined ? {} : { digest: sum }),
  };
}

/** Whether the first part of a name is a host rather than a folder of Docker Hub. */
const isHost = (part: string) => /[.:]/.test(part) || part === "localhost" || part !== part.toLowerCase();

const canonical = (host: string) => ((hub.aliases as readonly string[]).includes(host) ? hub.registry : host);

/**
 * What is wrong with an image's name under the rules, as the rest of a sentence that starts with the image; `undefined`
 * when nothing is. Without any rule it still has to say which version is meant.
 */
export function imageProblem(text: string, rules: ImageRules): string | undefined {
  return malformed(text) ?? unfixed(text, rules.requireDigest) ?? foreign(text, rules.allowed);
}

/** That a text is no image's name. */
function malformed(text: string): string | undefined {
  return parseImage(text) === undefined
    ? "is not an image's name, write it like registry.example/team/app:1.2.3"
    : undefined;
}

/** That an image's name leaves open which version runs; names that are none are left to {@link imageProblem}. */
export function unfixed(text: string, requireDigest: boolean): string | undefined {
  const image = parseImage(text);
  if (image === undefined || image.digest !== undefined) return undefined;
  const { tag } = image;
  if (requireDigest) return "has no digest, and its tag can be moved: write the name with @sha256:…";
  if (tag === undefined) return "has no tag, so it is whatever is latest: write the version that is meant";
  if (tag === "latest") return "has the tag latest, which says no version: write the one that is meant";
  return undefined;
}

/** That an image comes from none of the allowed registries; names that are none are left to {@link imageProblem}. */
export function foreign(text: string, allowed: readonly string[] | undefined): string | undefined {
  const image = parseImage(text);
  if (image === undefined || allowed === undefined) return undefined;
  const name = `${image.registry}/${image.repository}`;
  return allowed.some((prefix) => lies(name, fullPrefix(prefix)))
    ? undefined
    : `is ${name}, outside the allowed registries ${allowed.join(", ")}`;
}

/** Whether a full name is a prefix or lies under it: whole path parts, so that `acme` is not `acme-evil`. */
const lies = (name: string, prefix: string) => name === prefix || name.startsWith(`${prefix}/`);

/** A prefix with the registry's own name: what full names start with that lie in it. */
export function fullPrefix(prefix: string): string {
  const [host = "", ...rest] = prefix.split("/");
  return [canonical(host), ...rest].join("/");
}

/** The host of a registry, with its port if it has one; Docker Hub only by the name that images have it under. */
export const registryHost = z
  .string()
  .refine((text) => domainGrammar.test(text) && isHost(text), "must be a registry's host like ghcr.io or host:5000")
  .refine((text) => canonical(text) === text, `is another name of ${hub.registry}, use that one`);

/** A registry, or a part of one: the start of full image names, up to a slash. */
export const imagePrefix = z.string().refine((text) => {
  const [host = "", ...rest] = text.split("/");
  return registryHost.safeParse(host).success && (rest.length === 0 || nameGrammar.test(rest.join("/")));
}, "must be a registry or a part of one like ghcr.io/acme, with its host, and without a tag or a slash at its end");

/** An image whose version is fixed: by its digest, or by a tag that is not `latest`. */
export const image = z.string().superRefine((text, context) => {
  const problem = imageProblem(text, { requireDigest: false });
  if (problem !== undefined) context.addIssue(`"${text}" ${problem}`);
});
