/** What a Service needs so that AWS puts a load balancer in front of it. */
import type { EksConfig } from "./schema.ts";

/** From where a load balancer is reached, and what it lets through. */
export interface LoadBalancerWish {
  readonly reachableFrom: "internet" | "vpc";
  /** The networks that may call. */
  readonly sources: readonly string[];
}

/** The parts of a Service of type LoadBalancer that are AWS's matter. */
export interface LoadBalancerService {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: {
    readonly loadBalancerClass?: string;
    readonly loadBalancerSourceRanges: readonly string[];
    readonly externalTrafficPolicy: "Local";
  };
}

const prefix = "service.beta.kubernetes.io/aws-load-balancer";

/**
 * Asks for a network load balancer over all zones that shows pods the caller's address. Under Auto Mode EKS makes it;
 * otherwise the cloud controller in the control plane does, which nothing has to be installed for. That one lets
 * `sources` through to the nodes' ports, so they are never left to its default of everybody. Subnets are found by their
 * tags (docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html).
 */
export function loadBalancerService(
  { autoMode }: Pick<EksConfig, "autoMode">,
  { reachableFrom, sources }: LoadBalancerWish,
): LoadBalancerService {
  const open = reachableFrom === "internet";
  const scheme = { [`${prefix}-scheme`]: open ? "internet-facing" : "internal" };
  const internal = open ? {} : { [`${prefix}-internal`]: "true" };
  return {
    annotations: autoMode
      ? scheme
      : {
          [`${prefix}-type`]: "nlb",
          [`${prefix}-cross-zone-load-balancing-enabled`]: "true",
          ...internal,
        },
    spec: {
      ...(autoMode ? { loadBalancerClass: "eks.amazonaws.com/nlb" } : {}),
      loadBalancerSourceRanges: sources,
      externalTrafficPolicy: "Local",
    },
  };
}
