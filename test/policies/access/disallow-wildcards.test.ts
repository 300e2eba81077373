import { disallowWildcards } from "../../../policies/access/disallow-wildcards.ts";
import { unknown } from "../../lib/unknown.ts";
import { listOf, manifest } from "../manifests.ts";
import { bootstrapping, clusterRole, role, rule } from "../roles.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowWildcards], objects);

test.each<[string, object]>([
  ["names all it is for", clusterRole([rule()])],
  ["names objects by a pattern of their own", clusterRole([rule({ resourceNames: ["issuers.example.com/*"] })])],
  ["scales whatever can be scaled", clusterRole([rule({ resources: ["*/scale"] })])],
  ["reads the paths below one", clusterRole([{ nonResourceURLs: ["/healthz/*"], verbs: ["get"] }])],
  ["reads one path", clusterRole([{ nonResourceURLs: ["/metrics"], verbs: ["get"] }])],
  ["has no rules", clusterRole(undefined)],
  [
    "is put together from others",
    clusterRole([rule({ verbs: ["*"] })], { aggregationRule: { clusterRoleSelectors: [] } }),
  ],
  [
    "the API server brings",
    clusterRole([rule({ verbs: ["*"] })], {}, { name: "cluster-admin", labels: bootstrapping }),
  ],
  ["is of another group", manifest("example.com/v1", "Role", { rules: [rule({ verbs: ["*"] })] })],
])("accepts a role that %s", (_, object) => {
  expect(said(object)).toEqual([]);
});

test.each<[object, string]>([
  [{ verbs: ["*"] }, "it allows every verb. Name in rules[0].verbs what is used."],
  [{ resources: ["pods", "*"] }, "it allows every resource. Name in rules[0].resources what is used."],
  [{ resources: ["*/*"] }, "it allows every resource"],
  [{ apiGroups: ["*"] }, "it allows every API group. Name in rules[0].apiGroups"],
  [{ nonResourceURLs: ["*"] }, "it allows every path of the API server"],
  [{ nonResourceURLs: ["/healthz", "/*"] }, "it allows every path of the API server. Name in rules[0].nonResourceURLs"],
])("refuses %j", (change, message) => {
  expect(said(clusterRole([rule(change)]))).toEqual([expect.stringContaining(message)]);
  expect(said(role([rule(change)]))).toEqual([expect.stringContaining(message)]);
});

test("names each part of a rule", () => {
  const all = { verbs: ["*"], resources: ["*"], apiGroups: ["*"] };
  expect(said(role([rule(all)]))).toEqual([
    expect.stringContaining("rules[0].verbs"),
    expect.stringContaining("rules[0].resources"),
    expect.stringContaining("rules[0].apiGroups"),
  ]);
});

test("names each rule, in a list as well", () => {
  expect(said(listOf(role([rule(), rule({ verbs: ["*"] }), rule({ verbs: ["*"] })])))).toEqual([
    expect.stringContaining("items[0].rules[1].verbs"),
    expect.stringContaining("items[0].rules[2].verbs"),
  ]);
});

test("takes nobody's word for being built in", () => {
  const wild = [rule({ verbs: ["*"] })];
  expect(said(clusterRole(wild, {}, { labels: bootstrapping }))).toHaveLength(1);
  expect(said(clusterRole(wild, {}, { name: "system:web" }))).toHaveLength(1);
});

test("is undecided of a rule that is not known, and judges the others", () => {
  expect(said(clusterRole([rule({ verbs: [unknown] }), rule({ verbs: ["*"] })]))).toEqual([
    expect.stringContaining("rules[0].verbs[0] is not known"),
    expect.stringContaining("rules[1].verbs"),
  ]);
  expect(said(clusterRole(unknown))).toEqual([expect.stringContaining("rules is not known")]);
});
