import { disallowClusterWideExec } from "../../../policies/access/disallow-cluster-wide-exec.ts";
import { unknown } from "../../lib/unknown.ts";
import { binding, bootstrapping, clusterRole, role, rule } from "../roles.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowClusterWideExec], objects);
const may = (resource: string, verb: unknown, change: object = {}) =>
  rule({ resources: ["pods", resource], verbs: [verb], ...change });

test.each<[string, object[]]>([
  ["exec in its namespace", [role([may("pods/exec", "create")])]],
  ["exec by a ClusterRole in a namespace", [clusterRole([may("pods/exec", "create")]), binding("ClusterRole")]],
  ["exec with a verb that does nothing", [clusterRole([may("pods/exec", "list")])]],
  ["what stands for no resource", [clusterRole([may("pods/*", "create")])]],
  ["a part of every resource that lets nobody in", [clusterRole([may("*/log", "get")])]],
  ["reading pods", [clusterRole([rule({ resources: ["pods"], verbs: ["get", "create"] })])]],
  ["reading nodes' metrics", [clusterRole([may("nodes/metrics", "get")])]],
  ["exec of another API", [clusterRole([may("pods/exec", "create", { apiGroups: ["apps"] })])]],
  [
    "what the API server brings",
    [clusterRole([may("pods/exec", "create")], {}, { name: "admin", labels: bootstrapping })],
  ],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each([
  ["pods/exec", "create"],
  ["pods/exec", "get"],
  ["pods/exec", "*"],
  ["pods/attach", "create"],
  ["pods/attach", "get"],
  ["pods/ephemeralcontainers", "patch"],
  ["pods/ephemeralcontainers", "update"],
  ["nodes/proxy", "get"],
  ["nodes/proxy", "create"],
  ["*/exec", "create"],
  ["*/proxy", "get"],
  // As the API server reads it, what is part of others among it.
  ["*", "create"],
  ["*", "update"],
  ["*", "*"],
])("refuses %s with %s", (resource, verb) => {
  expect(said(clusterRole([may(resource, verb)]))).toEqual([
    expect.stringContaining(
      `${verb} on ${resource} lets its account into every pod. Move rules[0].resources[1] to a Role`,
    ),
  ]);
  expect(said(clusterRole([may(resource, verb, { apiGroups: ["*"] })]))).toHaveLength(1);
});

test("refuses it where nothing but another role of the name is bound in a namespace", () => {
  const into = clusterRole([may("pods/exec", "create")]);
  expect(said(into, binding("Role"))).toHaveLength(1);
  expect(said(into, binding("ClusterRole", "other"))).toHaveLength(1);
});

test("names each verb once, and the first resource that does it", () => {
  const both = rule({ resources: ["pods", "*", "pods/exec"], verbs: ["list", "get", "create"] });
  expect(said(clusterRole([both]))).toEqual([
    "ClusterRole web: get and create on * lets its account into every pod. Move rules[0].resources[1] to a Role in the namespaces that matter.",
  ]);
});

test("is undecided while a verb is not known", () => {
  expect(said(clusterRole([may("pods/exec", unknown)]))).toEqual([
    expect.stringContaining("rules[0].verbs[0] is not known"),
  ]);
});
