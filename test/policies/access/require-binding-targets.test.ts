import { requireBindingTargets } from "../../../policies/access/require-binding-targets.ts";
import { unknown } from "../../lib/unknown.ts";
import { clusterWide } from "../manifests.ts";
import { account, binding, clusterBinding, clusterRole, role, rule, serviceAccount } from "../roles.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireBindingTargets], objects);
const namespace = clusterWide("v1", "Namespace", {}, { name: "shop" });

test.each<[string, object[]]>([
  ["a Role and an account", [binding(), role([rule()]), serviceAccount()]],
  ["a ClusterRole", [clusterBinding(), clusterRole([rule()]), serviceAccount()]],
  ["a ClusterRole in a namespace", [binding("ClusterRole"), clusterRole([rule()]), serviceAccount()]],
  ["a ClusterRole that every cluster has", [binding("ClusterRole", "view"), clusterBinding("system:auth-delegator")]],
  [
    "each of those that every cluster has",
    ["cluster-admin", "admin", "edit", "view"].map((name) => clusterBinding(name, [])),
  ],
  ["an account of another stack's namespace", [binding(), role([rule()])]],
  [
    "the account that every namespace has",
    [binding("Role", "web", [{ ...account, name: "default" }]), role([rule()]), namespace],
  ],
  ["people", [binding("Role", "web", [{ kind: "Group", name: "admins" }]), role([rule()]), namespace]],
  [
    "an account of its own namespace",
    [binding("Role", "web", [{ kind: "ServiceAccount", name: "web" }]), role([rule()]), serviceAccount()],
  ],
  [
    "an account of another namespace",
    [
      binding("Role", "web", [{ ...account, namespace: "bank" }]),
      role([rule()]),
      serviceAccount({}, { namespace: "bank" }),
    ],
  ],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each<[string, object[], string]>([
  ["no Role", [binding()], "the stack makes no Role web in shop. Correct roleRef.name"],
  ["a Role of another namespace", [binding(), role([rule()], { namespace: "bank" })], "no Role web in shop"],
  ["a Role with the name of such a ClusterRole", [binding("Role", "edit")], "no Role edit in shop"],
  ["a Role of a system's name", [binding("Role", "system:web")], "no Role system:web in shop"],
  ["no role that it names", [clusterBinding(null)], "the stack makes no ClusterRole . Correct roleRef.name"],
  ["no ClusterRole", [clusterBinding()], "the stack makes no ClusterRole web. Correct"],
  [
    "no account",
    [binding(), role([rule()]), namespace],
    "the stack makes no ServiceAccount web in shop. Correct subjects[0].name",
  ],
  [
    "no account of its own namespace",
    [binding("Role", "web", [{ kind: "ServiceAccount", name: "web" }]), role([rule()]), namespace],
    "no ServiceAccount web in shop",
  ],
  [
    "an account of another name",
    [binding(), role([rule()]), serviceAccount({}, { name: "wbe" })],
    "no ServiceAccount web in shop",
  ],
])("tells of %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test("is undecided while a name is not known", () => {
  expect(said(binding(), role([rule()], { name: unknown }))).toEqual([
    expect.stringContaining("metadata.name of Role shop/"),
  ]);
});
