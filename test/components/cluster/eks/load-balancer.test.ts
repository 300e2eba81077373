import { loadBalancerService } from "../../../../components/cluster/eks/load-balancer.ts";

const sources = ["192.0.2.0/24"];
const spec = { loadBalancerSourceRanges: sources, externalTrafficPolicy: "Local" };
const prefix = "service.beta.kubernetes.io/aws-load-balancer";
const nlb = { [`${prefix}-type`]: "nlb", [`${prefix}-cross-zone-load-balancing-enabled`]: "true" };

test.each([
  ["the control plane's controller, internet", false, "internet", nlb],
  ["the control plane's controller, VPC", false, "vpc", { ...nlb, [`${prefix}-internal`]: "true" }],
] as const)("%s", (_, autoMode, reachableFrom, annotations) => {
  expect(loadBalancerService({ autoMode }, { reachableFrom, sources })).toEqual({ annotations, spec });
});

test.each([
  ["internet", "internet-facing"],
  ["vpc", "internal"],
] as const)("Auto Mode, %s", (reachableFrom, scheme) => {
  expect(loadBalancerService({ autoMode: true }, { reachableFrom, sources })).toEqual({
    annotations: { [`${prefix}-scheme`]: scheme },
    spec: { loadBalancerClass: "eks.amazonaws.com/nlb", ...spec },
  });
});
