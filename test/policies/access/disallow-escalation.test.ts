import { disallowEscalation } from "../../../policies/access/disallow-escalation.ts";
import { unknown } from "../../lib/unknown.ts";
import { bootstrapping, clusterRole, role, rule } from "../roles.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowEscalation], objects);
const onRoles = (...verbs: unknown[]) =>
  rule({ apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"], verbs });
const tokens = (change: object = {}) => rule({ resources: ["serviceaccounts/token"], verbs: ["create"], ...change });

test.each<[string, object]>([
  ["reads roles", clusterRole([onRoles("get", "create")])],
  ["the API server brings", clusterRole([onRoles("escalate")], {}, { name: "system:x", labels: bootstrapping })],
  ["makes tokens in its namespace", role([tokens()])],
  ["makes tokens of one account", clusterRole([tokens({ resourceNames: ["web"] })])],
  ["reads tokens' resource", clusterRole([tokens({ verbs: ["get"] })])],
])("accepts a role that %s", (_, object) => {
  expect(said(object)).toEqual([]);
});

test.each([
  ["escalate", "write roles with rights of which it has none itself"],
  ["bind", "bind roles with rights of which it has none itself"],
  ["impersonate", "act as somebody else"],
])("refuses %s", (verb, what) => {
  const message = `${verb} lets its account ${what}. Remove it from rules[0].verbs.`;
  expect(said(clusterRole([onRoles("get", verb)]))).toEqual([expect.stringContaining(message)]);
  expect(said(role([onRoles(verb)]))).toEqual([expect.stringContaining(message)]);
});

test("refuses to make tokens of any account", () => {
  for (const verb of ["create", "*"]) {
    expect(said(clusterRole([tokens({ verbs: [verb] })]))).toEqual([
      "ClusterRole web: creating serviceaccounts/token lets its account act as any ServiceAccount. Name the accounts beside rules[0].resources in resourceNames.",
    ]);
  }
  expect(said(clusterRole([tokens({ resources: ["*/token"] })]))).toHaveLength(1);
  expect(said(clusterRole([tokens({ resources: ["*"] })]))).toHaveLength(1);
  expect(said(clusterRole([tokens({ resources: ["pods", "serviceaccounts/token"] })]))).toHaveLength(1);
  expect(said(clusterRole([tokens({ resources: ["*/status"] })]))).toEqual([]);
});

test("is undecided while a verb is not known", () => {
  expect(said(clusterRole([onRoles(unknown)]))).toEqual([expect.stringContaining("rules[0].verbs[0] is not known")]);
});
