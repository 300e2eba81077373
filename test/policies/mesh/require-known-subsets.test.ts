import { requireKnownSubsets } from "../../../policies/mesh/require-known-subsets.ts";
import { unknown } from "../../lib/unknown.ts";
import { destinationRule, virtualService } from "../meshes.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireKnownSubsets], objects);
const to = (subset: unknown, host = "web") =>
  virtualService({ http: [{ route: [{ destination: { host, subset } }] }] });
const subsets = (...names: unknown[]) => ({ subsets: names.map((name) => ({ name })) });
const full = "web.shop.svc.cluster.local";

test.each<[string, object[]]>([
  ["a subset", [to("v2"), destinationRule(subsets("v1", "v2"))]],
  ["no subset", [to(undefined), to("")]],
  ["a subset of a host outside", [to("v1", "api.example"), destinationRule({ host: "api.example", ...subsets("v1") })]],
  ["another group's kind", [{ ...to("v1"), apiVersion: "example.com/v1" }]],
  ["a subset of the host by all of its name", [to("v1"), destinationRule({ host: full, ...subsets("v1") })]],
  ["a subset by all of the host's name", [to("v1", full), destinationRule(subsets("v1"))]],
  [
    "a subset of one of two rules",
    [to("v1"), destinationRule(subsets("v2")), destinationRule(subsets("v1"), { name: "more" })],
  ],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each<[string, object[], string]>([
  [
    "no rule",
    [to("v1")],
    "no DestinationRule defines the subset v1: there is no DestinationRule for web. Correct spec.http[0].route[0].destination.subset",
  ],
  ["another subset", [to("v3"), destinationRule(subsets("v1", "v2"))], "that for web has v1, v2"],
  ["no subsets", [to("v1"), destinationRule({})], "that for web has none"],
  [
    "another host's",
    [to("v1"), destinationRule({ host: "db", ...subsets("v1") })],
    "there is no DestinationRule for web",
  ],
  [
    "another namespace's",
    [to("v1"), destinationRule(subsets("v1"), { namespace: "bank" })],
    "there is no DestinationRule for web",
  ],
])("refuses %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test("is undecided while a subset or a rule's host is not known", () => {
  expect(said(to(unknown))).toEqual([expect.stringContaining("destination.subset is not known")]);
  expect(said(to("v1"), destinationRule(subsets(unknown)))).toEqual([
    expect.stringContaining("spec.subsets[0].name of DestinationRule shop/web is not known"),
  ]);
  expect(said(to("v1"), destinationRule({ host: unknown }))).toEqual([
    expect.stringContaining("spec.host of DestinationRule"),
  ]);
});
