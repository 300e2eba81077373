import { planAdmission } from "../../../../policies/lib/cel/admission-plan.ts";
import type { Kinds } from "../../../../policies/lib/cel/form.ts";
import * as kinds from "../../../../policies/lib/cel/kinds.ts";
import { celRule } from "../../../../policies/lib/cel/rule.ts";
import { policyConfigSchema } from "../../../../policies/lib/config.ts";
import { noParameters } from "../../../../policies/lib/rule.ts";
import { refusals } from "../../api-server.ts";
import { checkOf } from "../../cel.ts";
import { bootstrapping } from "../../roles.ts";
import { saidOf } from "../../workloads.ts";

/** A rule that refuses whatever it is about. */
const refusing = (about: Kinds) =>
  celRule({
    name: "pack-disallow-all",
    severity: "low",
    level: "mandatory",
    title: "t.",
    why: "w.",
    fix: "f.",
    parameters: noParameters,
    about,
    cel: () => ({ checks: [checkOf({ each: "whole", problem: "no" })] }),
  });

function inCluster(about: Kinds, object: object, old?: object) {
  const [one] = planAdmission([refusing(about)], policyConfigSchema.parse({}), {});
  if (one === undefined) throw new Error("There is no policy.");
  return { said: refusals(one.policy, { object, ...(old === undefined ? {} : { old }) }), policy: one.policy };
}

const rbac = "rbac.authorization.k8s.io";
const gatewayApi = "gateway.networking.k8s.io";

test.each<[keyof typeof kinds, string[], Record<string, string>]>([
  ["roles", [rbac], { Role: "roles", ClusterRole: "clusterroles" }],
  ["bindings", [rbac], { RoleBinding: "rolebindings", ClusterRoleBinding: "clusterrolebindings" }],
  ["secrets", [""], { Secret: "secrets" }],
  ["annotatedIngresses", ["networking.k8s.io", "extensions"], { Ingress: "ingresses" }],
  [
    "hosts",
    ["networking.k8s.io", "extensions", gatewayApi],
    { Ingress: "ingresses", HTTPRoute: "httproutes", GRPCRoute: "grpcroutes", TLSRoute: "tlsroutes" },
  ],
  ["gateways", [gatewayApi], { Gateway: "gateways" }],
  ["authorizationPolicies", ["security.istio.io"], { AuthorizationPolicy: "authorizationpolicies" }],
  ["peerAuthentications", ["security.istio.io"], { PeerAuthentication: "peerauthentications" }],
  ["networkPolicies", ["networking.k8s.io"], { NetworkPolicy: "networkpolicies" }],
])("%s are asked about when they are made and changed, here and in the cluster", (name, groups, resources) => {
  const about = kinds[name];
  const apiVersion = groups[0] === "" ? "v1" : `${groups[0] ?? ""}/v1`;
  for (const kind of Object.keys(resources)) {
    const object = { apiVersion, kind, metadata: { name: "web" } };
    expect(saidOf([refusing(about)], [object])).toEqual([expect.stringContaining("no")]);
    expect(inCluster(about, object).said).toHaveLength(1);
    expect(saidOf([refusing(about)], [{ ...object, apiVersion: "example.com/v1" }])).toEqual([]);
    expect(saidOf([refusing(about)], [{ ...object, kind: `${kind}Class` }])).toEqual([]);
  }
  expect(inCluster(about, { metadata: {} }).policy.matchConstraints.resourceRules).toEqual([
    {
      apiGroups: groups,
      apiVersions: ["*"],
      operations: ["CREATE", "UPDATE"],
      resources: Object.values(resources),
    },
  ]);
});

test.each<[keyof typeof kinds, object, boolean]>([
  ["roles", { rules: [{ verbs: ["*"] }] }, true],
  ["bindings", { subjects: [{ name: "a" }] }, true],
  ["secrets", { type: "Opaque" }, true],
  ["secrets", { data: { a: "b" } }, false],
  ["annotatedIngresses", { metadata: { annotations: { a: "b" } } }, true],
  ["annotatedIngresses", { spec: { rules: [] } }, false],
  ["hosts", { spec: { rules: [] } }, true],
  ["gateways", { spec: { listeners: [] } }, true],
  ["authorizationPolicies", { spec: { action: "DENY" } }, true],
  ["peerAuthentications", { spec: { mtls: {} } }, true],
  ["networkPolicies", { spec: { podSelector: {} } }, true],
])("a change of %s is asked about where it is of what rules read: %j", (name, change, isAsked) => {
  const old = { metadata: { name: "web" } };
  const labelled = { metadata: { name: "web", labels: { team: "shop" } } };
  expect(inCluster(kinds[name], { ...old, ...change }, old).said !== undefined).toBe(isAsked);
  expect(inCluster(kinds[name], { ...old, ...change }, { ...old, ...change }).said).toBeUndefined();
  expect(inCluster(kinds[name], labelled, old).said).toBeUndefined();
});

test("a role that is put together from others has rules of its own again when that ends", () => {
  const aggregated = { metadata: { name: "web" }, aggregationRule: {}, rules: [] };
  const { aggregationRule, ...own } = aggregated;
  expect(aggregationRule).toEqual({});
  expect(inCluster(kinds.roles, aggregated).said).toBeUndefined();
  expect(inCluster(kinds.roles, own, aggregated).said).toHaveLength(1);
});

describe.each([
  ["roles", "ClusterRole", kinds.roles],
  ["bindings", "ClusterRoleBinding", kinds.bindings],
] as const)("%s that the API server brings itself", (_, kind, about) => {
  const isLeft = (metadata: object) => {
    const object = { apiVersion: `${rbac}/v1`, kind, metadata };
    const [here, there] = [saidOf([refusing(about)], [object]).length === 0, inCluster(about, object).said];
    expect(here).toBe(there === undefined);
    return here;
  };

  test.each(["cluster-admin", "admin", "edit", "view", "system:node"])("are marked so: %s", (name) => {
    expect(isLeft({ name, labels: bootstrapping })).toBe(true);
  });

  test.each<[string, object]>([
    ["another name", { name: "web", labels: bootstrapping }],
    ["a name that only has the word", { name: "my-system:node", labels: bootstrapping }],
    ["no label", { name: "system:node" }],
    ["other labels", { name: "system:node", labels: { team: "shop" } }],
    ["another value", { name: "system:node", labels: { "kubernetes.io/bootstrapping": "mine" } }],
    ["no name yet", { labels: bootstrapping }],
  ])("and none with %s", (_case, metadata) => {
    expect(isLeft(metadata)).toBe(false);
  });
});
