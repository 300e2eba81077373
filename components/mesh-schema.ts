/** The configuration of the mesh: what its sidecars get. */
import { z } from "zod";
import { parseQuantity } from "../quantity.ts";
import { section } from "../problems.ts";

const quantity = z
  .string()
  .refine((text) => (parseQuantity(text) ?? 0n) > 0n, 'must be a Kubernetes quantity above zero like "100m" or "64Mi"');

const amounts = (cpu: string, memory: string) =>
  section({ cpu: quantity.default(cpu), memory: quantity.default(memory) }).prefault({});

/** The configuration of the mesh. */
export const meshSchema = section({
  /** What each sidecar gets: Envoy takes 60 MiB with its agent, and one core passes on some thousand requests a second. */
  sidecars: section({
    /** In a pod whose containers have limits equal to their requests: both of the sidecar's, so that the pod stays Guaranteed. */
    guaranteed: amounts("250m", "128Mi"),
    /** In every other pod. */
    burstable: section({ requests: amounts("50m", "96Mi"), limits: amounts("1", "256Mi") }).prefault({}),
  }).prefault({}),
})
  .superRefine(({ sidecars: { burstable } }, context) => {
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
