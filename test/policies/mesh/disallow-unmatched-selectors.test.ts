import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { disallowUnmatchedSelectors } from "../../../policies/mesh/disallow-unmatched-selectors.ts";
import { unknown } from "../../lib/unknown.ts";
import { labels, manifest, workload } from "../manifests.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowUnmatchedSelectors], objects);
const policy = (matchLabels: unknown, metadata: object = {}) =>
  manifest("security.istio.io/v1", "AuthorizationPolicy", { spec: { selector: { matchLabels } } }, metadata);
const root = { namespace: "istio-system" };

/** Every kind, and where it says which pods it is for. */
const kinds: [apiVersion: string, kind: string, spec: (selector: object) => object, path: string][] = [
  ...["AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"].map((kind): (typeof kinds)[number] => [
    "security.istio.io/v1",
    kind,
    (matchLabels) => ({ selector: { matchLabels } }),
    "spec.selector.matchLabels",
  ]),
  ["telemetry.istio.io/v1", "Telemetry", (matchLabels) => ({ selector: { matchLabels } }), "spec.selector.matchLabels"],
  ...[
    ["v1alpha3", "EnvoyFilter"],
    ["v1", "Sidecar"],
  ].map(([version = "", kind = ""]): (typeof kinds)[number] => [
    `networking.istio.io/${version}`,
    kind,
    (own) => ({ workloadSelector: { labels: own } }),
    "spec.workloadSelector.labels",
  ]),
];

test.each(kinds)("%s %s", (apiVersion, kind, spec, path) => {
  const of = (selector: object) => manifest(apiVersion, kind, { spec: spec(selector) });
  expect(said(of(labels), workload())).toEqual([]);
  expect(said(of({ app: "wbe" }), workload())).toEqual([
    `${kind} shop/web: no workload of the stack in shop has the labels that it selects. Correct ${path}, or the labels of the pods.`,
  ]);
});

test.each<[string, object[]]>([
  ["one for everybody", [policy(undefined), policy({})]],
  ["one for pods that cert-manager makes", [policy({ "acme.cert-manager.io/http01-solver": "true" })]],
  ["one of the whole mesh", [policy(labels, root), workload()]],
  ["another group's kind", [{ ...policy(labels), apiVersion: "example.com/v1" }]],
  ["some of the labels", [policy({ app: labels.app }), workload()]],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each<[string, object[], string]>([
  ["nobody", [policy(labels)], "no workload of the stack in shop has"],
  [
    "pods of another namespace",
    [policy(labels, { namespace: "bank" }), workload()],
    "no workload of the stack in bank has",
  ],
  ["one label more", [policy({ ...labels, tier: "a" }), workload()], "in shop"],
  ["nobody of the whole mesh", [policy({ app: "wbe" }, root), workload()], "no workload of the stack has"],
])("tells of one for %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test("takes the namespace that is said for that of the whole mesh", () => {
  const config = policyConfigSchema.parse({
    rules: { "mesh-disallow-unmatched-selectors": { parameters: { root: "mesh" } } },
  });
  expect(saidOf([disallowUnmatchedSelectors], [policy(labels, { namespace: "mesh" }), workload()], config)).toEqual([]);
});

test("takes pods for made that are said to be", () => {
  const made = [{ app: "job", tier: "a" }, { app: "task" }];
  const config = policyConfigSchema.parse({ rules: { "mesh-disallow-unmatched-selectors": { parameters: { made } } } });
  expect(saidOf([disallowUnmatchedSelectors], [policy({ tier: "a" })], config)).toEqual([]);
  expect(saidOf([disallowUnmatchedSelectors], [policy({ tier: "b" })], config)).toHaveLength(1);
});

test("is undecided while the selector or a pod's labels are not known", () => {
  expect(said(policy({ app: unknown }), workload())).toEqual([
    expect.stringContaining("spec.selector.matchLabels.app is not known"),
  ]);
});
