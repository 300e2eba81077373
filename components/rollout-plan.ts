/** What a rollout makes of a Service's traffic at its present step. No Pulumi here. */
import { type MeshService, serviceRef } from "./mesh-service.ts";
import { type Rollout, type Rollouts, stepsOf } from "./rollout-schema.ts";
import type { TrafficSpec } from "./traffic-plan.ts";
import { ownRoutes, serviceTraffic, type ServiceTraffic, type Traffic, type Weights } from "./traffic-schema.ts";

/** How many of a hundred requests each version gets at a step; at 0 the old one gets all. */
export function weightsAt({ from, to, strategy }: Pick<Rollout, "from" | "to" | "strategy">, step: number): Weights {
  const part = step === 0 ? 0 : (stepsOf(strategy)[step - 1] ?? 0);
  return { [from]: 100 - part, [to]: part };
}

/** The traffic of a Service with its rollout in it: the header's route goes before all others. */
export function withRollout(traffic: ServiceTraffic, rollout: Rollout | undefined): ServiceTraffic {
  if (rollout === undefined) return traffic;
  const { header, to, step } = rollout;
  const chosen =
    header === undefined
      ? []
      : [
          {
            name: ownRoutes.rollout,
            match: { headers: { [header.name]: { exact: header.value } } },
            weights: { [to]: 100 },
          },
        ];
  return { ...traffic, weights: weightsAt(rollout, step), routes: [...chosen, ...traffic.routes] };
}

/** How every Service is called that has traffic or a rollout, in the order of their names. */
export function planMeshTraffic(
  services: readonly MeshService[],
  { traffic, rollouts }: { readonly traffic: Traffic; readonly rollouts: Rollouts },
): Pick<TrafficSpec, "service" | "traffic">[] {
  const silent = serviceTraffic.parse({});
  const wanted = new Set([...Object.keys(traffic), ...Object.keys(rollouts)]);
  return services
    .filter((service) => wanted.has(serviceRef(service)))
    .sort((a, b) => (serviceRef(a) < serviceRef(b) ? -1 : 1))
    .map((service) => {
      const ref = serviceRef(service);
      return { service, traffic: withRollout(traffic[ref] ?? silent, rollouts[ref]) };
    });
}
