/** The configuration of the bookstore: which versions of its services run, and where. */
import { z } from "zod";
import { section } from "../problems.ts";
import { amounts } from "./amounts-schema.ts";
import { limitProblems } from "./backend-plan.ts";
import type { BookstoreService } from "./bookstore-plan.ts";
import { type Contradiction, ownNamespace } from "./cluster/facts.ts";
import { type IngressConfig, pathPrefix, whole } from "./ingress-schema.ts";
import { keyed } from "./registries.ts";

const replicas = whole(1, 10);

/** The longest delay in milliseconds: what waits longer than a stopping pod does would be cut off then. */
const longestDelay = 10_000;

/** What a version does wrong by itself, at random, as a bad release would. */
const fault = section({
  /** Whether one request in three, by chance, is answered 500, 400 or 409, each as often. */
  errors: z.boolean().default(false),
  /** Every request waits from `min` to below `max` milliseconds. */
  delay: section({ min: whole(0, longestDelay).default(0), max: whole(1, longestDelay) })
    .refine(({ min, max }) => min < max, { path: ["max"], error: "must be above min" })
    .optional(),
}).refine(
  ({ errors, delay }) => errors || delay !== undefined,
  "does nothing: turn errors on, set delay, or leave it out",
);

/** Part of the names of pods, which are host names and so of 63 characters: `inventory-<version>-0123456789-abcde`. */
const versionName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,34}[a-z0-9])?$/,
    'is no name of a version: 1 to 36 of a-z, 0-9 and "-", with a letter or digit at both ends',
  );

const version = section({
  /** How many pods it has. @default as many as every version */
  replicas: replicas.optional(),
  fault: fault.optional(),
});

const service = section({
  /** The versions that run side by side, by the value of the label `app.kubernetes.io/version`. */
  versions: keyed(versionName, version).refine(
    (versions) => Object.keys(versions).length > 0,
    "has no version, a service needs one to answer",
  ),
}).prefault({ versions: { v1: {} } });

/** Six instances of podinfo that call each other, in the mesh. */
const podinfo = section({
  kind: z.literal("podinfo"),
  namespace: ownNamespace.default("bookstore"),
  /** Where its first service, `order`, begins on the public names; it sees the path without it. @default nowhere */
  path: pathPrefix.optional(),
  /** How many pods each version has that does not say itself. */
  replicas: replicas.default(2),
  /** What each pod is promised. */
  resources: amounts("10m", "32Mi"),
  /** What each pod may take at most. */
  limits: amounts("500m", "64Mi"),
  /** The services. @default one version each, v1 */
  services: section({
    order: service,
    customer: service,
    payment: service,
    catalog: service,
    delivery: service,
    inventory: service,
  } satisfies Record<BookstoreService, z.ZodType>).prefault({}),
}).superRefine(({ resources, limits }, context) => {
  for (const [path, message] of limitProblems(resources, limits)) {
    context.addIssue({ code: "custom", path, message });
  }
});

/** Nothing of it is made. */
const none = section({ kind: z.literal("none") });

/** The configuration of the bookstore. */
export const bookstoreSchema = z
  .discriminatedUnion("kind", [podinfo, none], 'expected an object with kind "podinfo" or "none"')
  .prefault({ kind: "none" });

/** The configuration of the bookstore, checked. */
export type BookstoreConfig = z.infer<typeof bookstoreSchema>;

/** That of a bookstore that there is. */
export type PodinfoConfig = Extract<BookstoreConfig, { kind: "podinfo" }>;

/**
 * What of the bookstore cannot be had, by its path under `quintet:`.
 *
 * @param around the ingress, and the namespaces of the rest of the platform
 */
export function bookstoreProblems(
  config: BookstoreConfig,
  { ingress, platformNamespaces }: { readonly ingress: IngressConfig; readonly platformNamespaces: readonly string[] },
): Contradiction[] {
  if (config.kind === "none") return [];
  const found: Contradiction[] = [];
  if (platformNamespaces.includes(config.namespace)) {
    found.push([
      ["bookstore", "namespace"],
      `is ${config.namespace}, which belongs to another part of the platform: give the bookstore one of its own`,
    ]);
  }
  if (ingress.kind === "none") {
    found.push([
      ["bookstore", "kind"],
      "is podinfo, but quintet:ingress is none, which leaves out the mesh that its services are in: say none here, or gateway there",
    ]);
  } else if (config.path === ingress.path) {
    found.push([
      ["bookstore", "path"],
      `is ${config.path}, which leads to the backend by quintet:ingress.path: choose another`,
    ]);
  }
  return found;
}
