/** The configuration of the mesh: what its sidecars get. */
import { z } from "zod";
import { section } from "../problems.ts";
import { parseQuantity } from "../quantity.ts";
import { versions } from "../versions.ts";
import { amounts } from "./amounts-schema.ts";
import { externalsSchema } from "./externals-schema.ts";
import { whole } from "./ingress-schema.ts";
import { revisionOf } from "./istio-names.ts";
import { type Revision, revisionTag } from "./istiod-plan.ts";
import { keyed } from "./registries.ts";

const releases = Object.keys(versions.istioReleases) as (keyof typeof versions.istioReleases)[]; // the literal's own keys

/** A revision's name, which ends the names of objects and is the value of a label. */
const revisionName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/,
    'must be 1 to 32 of a-z, 0-9 and "-", with a letter or digit at both ends',
  )
  .refine((name) => name !== revisionTag && name !== "default", "is what stands for whichever revision serves");

/** The configuration of the mesh. */
export const meshSchema = section({
  /**
   * The control planes by their revisions, each with its release: a second one while proxies move to it, and then the
   * first no more. @default one, which is called like its release
   */
  revisions: keyed(revisionName, z.enum(releases, `must be one of ${releases.join(", ")}`))
    .refine((all) => Object.keys(all).length > 0, "names no revision, name one or leave the key out")
    .optional(),
  /** The revision that new pods get. @default the only one */
  current: z.string().optional(),
  controlPlane: section({
    /** How few and how many pods each istiod has, by load where they differ. */
    replicas: section({ min: whole(1, 10).default(2), max: whole(1, 10).default(5) })
      .refine(({ min, max }) => min <= max, { path: ["max"], error: "must not be below min" })
      .prefault({}),
  }).prefault({}),
  /** Whom pods with sidecars may call outside the cluster, by name; they reach nobody else there. */
  externals: externalsSchema,
  /** What each sidecar gets: Envoy takes 60 MiB with its agent, and one core passes on some thousand requests a second. */
  sidecars: section({
    /** In a pod whose containers have limits equal to their requests: both of the sidecar's, so that the pod stays Guaranteed. */
    guaranteed: amounts("250m", "128Mi"),
    /** In every other pod. */
    burstable: section({ requests: amounts("50m", "96Mi"), limits: amounts("1", "256Mi") }).prefault({}),
  }).prefault({}),
})
  .superRefine(({ revisions, current, sidecars: { burstable } }, context) => {
    const names = Object.keys(revisions ?? { [revisionOf(versions.istio)]: versions.istio });
    const refuse = (message: string) => {
      context.addIssue({ code: "custom", path: ["current"], message });
    };
    if (current !== undefined && !names.includes(current)) {
      refuse(`there is no revision ${current}, the revisions are ${names.join(", ")}`);
    } else if (current === undefined && names.length > 1) {
      refuse(`is missing, and there is more than one revision: say which serves, of ${names.join(", ")}`);
    }
    for (const amount of ["cpu", "memory"] as const) {
      const [promised, limit] = [burstable.requests[amount], burstable.limits[amount]];
      if ((parseQuantity(promised) ?? 0n) <= (parseQuantity(limit) ?? 0n)) continue;
      const path = ["sidecars", "burstable", "limits", amount];
      context.addIssue({ code: "custom", path, message: `${limit} is below the ${promised} of requests.${amount}` });
    }
  })
  .prefault({});

/** The configuration of the mesh, checked. */
export type MeshConfig = z.infer<typeof meshSchema>;

/** One control plane that is wanted. */
export interface WantedRevision extends Revision {
  readonly images: (typeof versions.istioReleases)[typeof versions.istio];
}

/** Every control plane that is wanted, and the one that serves. */
export function revisionsOf({ revisions, current }: Pick<MeshConfig, "revisions" | "current">): {
  readonly revisions: readonly WantedRevision[];
  readonly current: WantedRevision;
} {
  const wanted = Object.entries(revisions ?? {}).map(([name, release]) => ({
    name,
    images: versions.istioReleases[release],
  }));
  const own = { name: revisionOf(versions.istio), images: versions.istioReleases[versions.istio] };
  const serving = wanted.find(({ name }) => name === current) ?? wanted[0] ?? own;
  return { revisions: wanted.length === 0 ? [own] : wanted, current: serving };
}
