import { disallowDefaultAccount } from "../../../policies/access/disallow-default-account.ts";
import { unknown } from "../../lib/unknown.ts";
import { clusterWide } from "../manifests.ts";
import { account, binding, bootstrapping, clusterBinding } from "../roles.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowDefaultAccount], objects);
const shared = { ...account, name: "default" };

test("accepts accounts of their own, and people called default", () => {
  expect(said(binding(), clusterBinding(), clusterBinding("web", [{ kind: "User", name: "default" }]))).toEqual([]);
});

test("accepts what the API server brings, and bindings of another API", () => {
  expect(said(clusterBinding("web", [shared], { name: "system:web", labels: bootstrapping }))).toEqual([]);
  expect(said(clusterWide("example.com/v1", "ClusterRoleBinding", { subjects: [shared] }))).toEqual([]);
});

test("refuses the account of all pods", () => {
  const message =
    "every pod of namespace shop that names no account has the ServiceAccount default. Name in subjects[1].name";
  expect(said(clusterBinding("web", [account, shared]))).toEqual([expect.stringContaining(message)]);
  expect(said(binding("Role", "web", [account, { kind: "ServiceAccount", name: "default" }]))).toEqual([
    expect.stringContaining(message),
  ]);
});

test("is undecided while a name is not known", () => {
  expect(said(clusterBinding("web", [{ ...account, name: unknown }]))).toEqual([
    expect.stringContaining("is not known"),
  ]);
});
