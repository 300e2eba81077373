import { disallowClusterAdmin } from "../../../policies/access/disallow-cluster-admin.ts";
import { unknown } from "../../lib/unknown.ts";
import { binding, bootstrapping, clusterBinding, clusterRole, role, rule } from "../roles.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowClusterAdmin], objects);
const everything = [rule({ apiGroups: ["*"], resources: ["*"], verbs: ["*"] })];

test.each<[string, object[]]>([
  ["a role of its own", [clusterBinding(), clusterRole([rule()])]],
  ["a role that is not in the stack", [clusterBinding("other")]],
  ["every verb on one resource", [clusterBinding(), clusterRole([rule({ verbs: ["*"] })])]],
  [
    "a role that says * once, of one thing alone",
    [
      clusterBinding(),
      clusterRole([
        rule({ apiGroups: ["*"] }),
        rule({ resources: ["*"] }),
        rule({ apiGroups: ["*"], resources: ["*"] }),
        rule({ resources: ["*"], verbs: ["*"] }),
        rule({ apiGroups: ["*"], verbs: ["*"] }),
      ]),
    ],
  ],
  ["a Role of the name cluster-admin", [binding("Role", "cluster-admin")]],
  [
    "what the API server brings",
    [clusterBinding("cluster-admin", [], { name: "cluster-admin", labels: bootstrapping })],
  ],
  ["a Role of another namespace", [binding(), role(everything, { namespace: "bank" })]],
])("accepts a binding to %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each<[string, object[], string]>([
  [
    "cluster-admin",
    [clusterBinding("cluster-admin")],
    "cluster-admin may do everything in the whole cluster. Name in roleRef.name",
  ],
  ["cluster-admin in a namespace", [binding("ClusterRole", "cluster-admin")], "may do everything in namespace shop"],
  ["a ClusterRole that is as much", [clusterBinding(), clusterRole(everything)], "ClusterRole web allows everything"],
  [
    "such a ClusterRole in a namespace",
    [binding("ClusterRole"), clusterRole(everything)],
    "ClusterRole web allows everything",
  ],
  [
    "a ClusterRole that is as much by one rule of several",
    [clusterBinding(), clusterRole([rule(), ...everything])],
    "ClusterRole web allows everything",
  ],
  ["a Role that is as much", [binding(), role(everything)], "Role web allows everything"],
])("refuses a binding to %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test("refuses one that names each verb, and accepts one that lacks some", () => {
  const named = (...verbs: string[]) => [rule({ apiGroups: ["*"], resources: ["*"], verbs })];
  const usual = ["get", "list", "watch", "create", "update", "patch", "delete"];
  expect(said(clusterBinding(), clusterRole(named(...usual)))).toHaveLength(1);
  expect(said(clusterBinding(), clusterRole(named(...usual.slice(1))))).toEqual([]);
});

test("is undecided while the role's name or rules are not known", () => {
  expect(said(clusterBinding(unknown))).toEqual([expect.stringContaining("roleRef.name is not known")]);
  expect(said(clusterBinding(), clusterRole(unknown))).toEqual([
    expect.stringContaining("rules of ClusterRole web is not"),
  ]);
});
