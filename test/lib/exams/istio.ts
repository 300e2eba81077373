/** What Istio's analyzers are in our rules. */
import { rule } from "./counterparts.ts";
import type { Suite } from "./suite.ts";

/** The exam of Istio. */
export const istio: Suite = {
  name: "Istio",
  module: "istio.io/istio",
  pinnedBy: "istio",
  version: "v1.31.1",
  read: "The table of `analyzers_test.go` without those of a mesh's configuration: a case is one object of a kind that the analyzer tells of.",
  rules: {
    "virtualservice.DestinationHostAnalyzer": [rule("mesh-require-known-hosts")],
    "virtualservice.ConflictingMeshGatewayHostsAnalyzer": [rule("mesh-disallow-shared-hosts")],
    "virtualservice.GatewayAnalyzer": [rule("mesh-require-known-gateways")],
    "virtualservice.DestinationRuleAnalyzer": [rule("mesh-require-known-subsets")],
    "authz.AuthorizationPoliciesAnalyzer": [rule("mesh-disallow-unmatched-selectors")],
    "sidecar.SelectorAnalyzer": [rule("mesh-disallow-overlapping-sidecars"), rule("mesh-disallow-unmatched-selectors")],
    "service.PortNameAnalyzer": [rule("mesh-require-port-protocols")],
  },
  unmapped: [
    {
      why: "ours refuses a pod that opts out, which this one takes for meant; and who has a sidecar is a matter of the cluster",
      checks: [/^injection\./],
    },
    {
      why: "no stack of ours has such an object or setting",
      checks: [
        /^(annotations|maturity|deprecation|externalcontrolplane|envoyfilter|telemetry|webhook|serviceentry)\./,
        "authn.BlockedCIDRsAnalyzer",
        "virtualservice.JWTClaimRouteAnalyzer",
        "k8sgateway.CRDVersionAnalyzer",
        "conditions.ConditionAnalyzer",
      ],
    },
    {
      why: "we have not written it",
      checks: [
        /^(gateway|deployment)\./,
        "k8sgateway.SelectorAnalyzer",
        "destinationrule.CaCertificateAnalyzer",
        "destinationrule.PodNotSelectedAnalyzer",
      ],
    },
  ],
  differences: [
    {
      check: "authz.AuthorizationPoliciesAnalyzer",
      cases: ["authorizationpolicies: AuthorizationPolicy httpbin-empty/httpbin-empty-namespace-wide"],
      why: "accepted: it is for whatever comes into the namespace, and has no label that could be wrong",
    },
    {
      check: "authz.AuthorizationPoliciesAnalyzer",
      cases: [
        "authorizationpolicies: AuthorizationPolicy httpbin/httpbin-bogus-ns",
        "authorizationpolicies: AuthorizationPolicy httpbin/httpbin-bogus-not-ns",
      ],
      why: "accepted: the namespaces that it names may be another stack's",
    },
    {
      check: "virtualservice.ConflictingMeshGatewayHostsAnalyzer",
      cases: [
        "virtualServiceConflictingMeshGatewayHostsWithExportTo: VirtualService foo/productpage-d",
        "virtualServiceConflictingMeshGatewayHostsWithExportTo: VirtualService bar/productpage-d",
      ],
      why: "accepted: one is for a pattern under the other's, and the longer one stands above",
    },
    {
      check: "service.PortNameAnalyzer",
      cases: [
        "portNameNotFollowConvention: Service my-namespace1/my-service1",
        "portNameNotFollowConvention: Service my-namespace2/my-service2",
      ],
      why: "accepted: nothing says that the namespace is in the mesh",
    },
    {
      check: "service.PortNameAnalyzer",
      cases: [
        "ExternalNameServiceTypeInvalidPortName: Service nginx-ns/nginx",
        "ExternalNameServiceTypeInvalidPortName: Service nginx-ns2/nginx-svc2",
        "ExternalNameServiceTypeInvalidPortName: Service nginx-ns3/nginx-svc3",
      ],
      why: "accepted: the Service is only another name for something outside, in a namespace outside of the mesh",
    },
    {
      check: "virtualservice.DestinationHostAnalyzer",
      cases: ["virtualServiceDestinationHosts: VirtualService hello/hello-export-to-bogus"],
      why: "accepted: the host is there, and whom the route is exported to is another question",
    },
    {
      check: "virtualservice.DestinationHostAnalyzer",
      cases: ["Route Rule no effect on Ingress: VirtualService default/testing-service-01-test-01"],
      why: "accepted: the host is there, and that rules of another route do not hold at the gateway is another question",
    },
  ],
};
