import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { judge } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfManifest } from "../../../policies/lib/object.ts";
import { requireDefaultDeny } from "../../../policies/network-policy/require-default-deny.ts";
import { closed, labelled, namespace, policy, unknown } from "../network-policies.ts";
import { forms, pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireDefaultDeny], objects);
const shop = namespace("shop");

test("accepts the baseline, and namespaces without workloads", () => {
  expect(said(shop, closed(), labelled())).toEqual([]);
  expect(said(shop)).toEqual([]);
  expect(said(shop, labelled({}, pod({ hostNetwork: true })))).toEqual([]);
});

test("accepts one direction in each of two policies, and what a policy opens for all", () => {
  const [into, out] = ["Ingress", "Egress"].map((type) => policy(type, { podSelector: {}, policyTypes: [type] }));
  expect(said(shop, into ?? {}, out ?? {}, labelled())).toEqual([]);
  expect(said(shop, closed({ egress: [{ ports: [{ port: 53 }] }] }), labelled())).toEqual([]);
  expect(said(shop, closed({ ingress: [{ from: [{ podSelector: {} }] }] }), labelled())).toEqual([]);
  // An older server takes it, and a closed namespace is what it makes.
  expect(said(shop, closed({ ingress: [{ from: [{ ipBlock: { cidr: "010.0.0.0/8" } }] }] }), labelled())).toEqual([]);
});

test("leaves system namespaces alone", () => {
  expect(said(namespace("kube-system"), labelled({}, pod(), "web", "kube-system"))).toEqual([]);
});

const both = "closes every pod for Ingress and Egress";

test.each<[string, object[], string]>([
  ["no policy at all", [], both],
  ["a policy of another namespace", [policy("default", closed().spec, { namespace: "other" })], both],
  ["a policy for some pods", [closed({ podSelector: { matchLabels: { app: "web" } } })], both],
  ["a policy for ingress alone", [closed({ policyTypes: ["Ingress"] })], "closes every pod for Egress"],
  ["a policy without types or rules for egress", [closed({ policyTypes: undefined })], "closes every pod for Egress"],
  ["a policy that opens everything again", [closed({ ingress: [{}] })], "closes every pod for Ingress"],
  ["a policy that the API server refuses", [closed({ policyTypes: ["Both"] })], both],
  ["a policy with a peer that is nobody, which it refuses as well", [closed({ ingress: [{ from: [{}] }] })], both],
  ["a policy of a network's own API", [{ ...closed(), apiVersion: "crd.projectcalico.org/v1" }], both],
])("refuses %s", (_, policies, message) => {
  expect(said(shop, ...policies, labelled())).toEqual([
    expect.stringContaining(`Namespace shop: namespace shop has workloads, and no NetworkPolicy in it ${message}.`),
  ]);
});

test("tells it of the first workload where the namespace is not in the stack", () => {
  expect(said(labelled(), labelled({}, pod(), "other"))).toEqual([
    expect.stringContaining("Deployment shop/web: namespace shop has workloads"),
  ]);
});

test("says what to add, and where", () => {
  const verdicts = (...all: object[]) =>
    judge([requireDefaultDeny], new Objects(all.flatMap((one) => objectsOfManifest(one))), {
      config: policyConfigSchema.parse({}),
      today: "2026-11-21",
    }).map(({ path, message }) => [path, message]);
  const fix = expect.stringMatching(
    /Add a NetworkPolicy to shop with podSelector \{\} and policyTypes \[Ingress, Egress\]\.$/,
  ) as unknown;
  expect(verdicts(shop, labelled())).toEqual([["metadata.name", fix]]);
  expect(verdicts(labelled())).toEqual([["metadata.namespace", fix]]);
});

test("sees no pods in a template alone", () => {
  expect(said(...forms.filter(([kind]) => kind === "PodTemplate").map(([, object]) => object))).toEqual([]);
});

test.each(forms.filter(([kind]) => kind !== "PodTemplate"))("sees %s", (_, object) => {
  expect(said(object)).toEqual([expect.stringContaining("namespace shop has workloads")]);
});

test("is undecided while a policy is not known", () => {
  expect(said(shop, closed({ podSelector: unknown }), labelled())).toEqual([
    expect.stringContaining("spec.podSelector of NetworkPolicy shop/default is not known until then"),
  ]);
});
