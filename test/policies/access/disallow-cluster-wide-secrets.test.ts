import { disallowClusterWideSecrets } from "../../../policies/access/disallow-cluster-wide-secrets.ts";
import { unknown } from "../../lib/unknown.ts";
import { clusterWide } from "../manifests.ts";
import { binding, bootstrapping, clusterBinding, clusterRole, role, rule } from "../roles.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowClusterWideSecrets], objects);
const reading = (change: object = {}) => rule({ resources: ["configmaps", "secrets"], ...change });

test.each<[string, object[]]>([
  ["of its namespace", [role([reading()])]],
  ["of some names", [clusterRole([reading({ resourceNames: ["web"] })])]],
  ["that it writes alone", [clusterRole([reading({ verbs: ["create", "update"] })])]],
  ["of another API", [clusterRole([reading({ apiGroups: ["example.com"] })])]],
  ["by what the API server brings", [clusterRole([reading()], {}, { name: "admin", labels: bootstrapping })]],
  ["by one of its system's", [clusterRole([reading()], {}, { name: "system:web", labels: bootstrapping })]],
  ["that are another role's", [clusterRole([reading()], { aggregationRule: { clusterRoleSelectors: [] } })]],
  ["by a ClusterRole of another API", [clusterWide("example.com/v1", "ClusterRole", { rules: [reading()] })]],
  ["of a namespace by a ClusterRole", [clusterRole([reading()]), binding("ClusterRole")]],
])("accepts Secrets %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each(["get", "list", "watch", "patch", "deletecollection", "*"])("refuses %s on all of them", (verb) => {
  const message = `${verb} on secrets reads those of every namespace. Move rules[0].resources[1] to a Role`;
  expect(said(clusterRole([reading({ verbs: [verb] })]), clusterBinding())).toEqual([expect.stringContaining(message)]);
  expect(said(clusterRole([reading({ apiGroups: ["*"], verbs: [verb] })]))).toEqual([expect.stringContaining(message)]);
});

test.each([
  ["another name", { name: "web", labels: bootstrapping }],
  ["a name that only ends so", { name: "web.system:", labels: bootstrapping }],
  ["no label", { name: "system:web" }],
])("refuses it of a role that is not the API server's: %s", (_, metadata) => {
  expect(said(clusterRole([reading()], {}, metadata))).toHaveLength(1);
});

test("refuses it as a part of everything", () => {
  expect(said(clusterRole([reading({ resources: ["*"] })]))).toEqual([
    expect.stringContaining("on * reads the Secrets of every namespace. Move rules[0].resources[0] to a Role"),
  ]);
  expect(said(clusterRole([reading({ resources: ["*/status"] })]))).toEqual([]);
});

test("refuses it where it is bound both ways", () => {
  expect(said(clusterRole([reading()]), binding("ClusterRole"), clusterBinding())).toHaveLength(1);
});

test("is undecided while a rule, or what else binds it, is not known", () => {
  expect(said(clusterRole([reading({ verbs: unknown })]))).toEqual([
    expect.stringContaining("rules[0].verbs is not known"),
  ]);
  expect(said(clusterRole([reading()]), binding("ClusterRole"), clusterBinding(unknown))).toEqual([
    expect.stringContaining("roleRef.name of ClusterRoleBinding web is not known"),
  ]);
});
