/** The sidecar that the mesh puts into a pod when it is made, which no manifest shows. */
import { z } from "zod";
import { meshSchema } from "../../../components/mesh-schema.ts";
import { type SidecarAmounts, sidecarResources } from "../../../components/sidecar-plan.ts";
import { meshOf } from "../mesh/mesh.ts";
import { namespaceOf, type Objects } from "../object.ts";
import { at, entries, property, text } from "../values.ts";
import type { Workload } from "../workload.ts";
import { resourcesOf, type Share } from "./amounts.ts";

const { sidecars } = meshSchema.parse({});

const amounts = (of: { readonly cpu: string; readonly memory: string }) =>
  z.object({ cpu: z.string().default(of.cpu), memory: z.string().default(of.memory) }).prefault({});

/** The parameters of a rule that counts sidecars: `quintet:mesh.sidecars`. */
export const sidecarParameters = z
  .object({
    guaranteed: amounts(sidecars.guaranteed),
    burstable: z
      .object({ requests: amounts(sidecars.burstable.requests), limits: amounts(sidecars.burstable.limits) })
      .prefault({}),
  })
  .prefault({});

/** Namespaces in which istiod injects nothing, whatever their labels say (istio.io/istio, pkg/kube/inject). */
const ignored = new Set(["kube-system", "kube-public", "kube-node-lease", "local-path-storage"]);

/** Whether the mesh puts a sidecar into the pods, as istiod-plan.ts has its webhook decide. */
export function isInjected(workload: Workload, objects: Objects): boolean {
  const namespace = namespaceOf(workload.object);
  if (ignored.has(namespace) || workload.hostNetwork) return false;
  if (meshOf(namespace, objects) !== "sidecar") return false;
  const key = "sidecar.istio.io/inject";
  return workload.label(key) !== "false" && workload.annotation(key) !== "false";
}

/**
 * The containers that are put into the pods: one that looks whether traffic is led rightly, and the proxy.
 *
 * @param shares the pod's own, as the webhook is shown them: with the defaults of the API server and of LimitRanges
 */
export function injectedShares(workload: Workload, shares: readonly Share[], sidecar: SidecarAmounts): Share[] {
  const looksGuaranteed = shares.every((share) => share.role !== "app" || hasEqual(share)) && sameForms(workload);
  const resources = resourcesOf(
    sidecarResources(
      sidecar,
      looksGuaranteed,
      (name, value) => workload.annotation(`sidecar.istio.io/${name}`) ?? value,
    ),
  );
  return [
    { role: "init", ...resources },
    { role: "sidecar", ...resources },
  ];
}

/** Whether the template of sidecar-plan.ts takes a container for one of a Guaranteed pod. */
const hasEqual = ({ requests, limits }: Share): boolean =>
  limits.size >= 2 &&
  requests.size === limits.size &&
  [...requests].every(([key, amount]) => limits.has(key) && limits.get(key) === amount);

/** The template compares text: "1Gi" is not "1073741824" to it. */
const sameForms = (workload: Workload): boolean =>
  workload.containers.every(({ role, value }) => {
    const [requests, limits] = [at(value, "resources", "requests"), at(value, "resources", "limits")];
    const isBinary = (amount: unknown) => text(amount)?.endsWith("i") === true;
    return (
      role !== "app" ||
      entries(requests).every(([key, amount]) => {
        const limit = property(limits, key);
        return limit === undefined || isBinary(amount) === isBinary(limit);
      })
    );
  });
