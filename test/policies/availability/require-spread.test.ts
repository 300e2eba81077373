import { requireSpread } from "../../../policies/availability/require-spread.ts";
import { unknown } from "../../lib/unknown.ts";
import { autoscaler, listOf, matchLabels, replicatedKinds, workload } from "../manifests.ts";
import { forms, pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireSpread], objects);
const own = { labelSelector: { matchLabels }, topologyKey: "kubernetes.io/hostname" };
const over = (change: object = {}) => ({ topologySpreadConstraints: [{ ...own, maxSkew: 1, ...change }] });
const required = (change: object = {}) => ({
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...own, ...change }] } },
});
const preferred = (change: object = {}) => ({
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { ...own, ...change } }],
    },
  },
});
const zone = { topologyKey: "topology.kubernetes.io/zone" };

test.each<[string, object]>([
  ["over nodes", over()],
  ["over zones", over(zone)],
  ["by required anti-affinity", required()],
  ["by preferred anti-affinity", preferred(zone)],
])("accepts pods that are spread %s", (_, spec) => {
  for (const kind of replicatedKinds) expect(said(workload(kind, {}, pod(spec)))).toEqual([]);
});

test.each([
  ...["kubernetes.io/hostname", "topology.kubernetes.io/zone", "topology.kubernetes.io/region"],
  ...["failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"],
])("accepts pods that are spread by %s", (topologyKey) => {
  expect(said(workload("Deployment", {}, pod(over({ topologyKey }))))).toEqual([]);
});

test("asks it of several pods alone, and of none in a system namespace", () => {
  expect(said(workload("Deployment", { replicas: 1 }))).toEqual([]);
  expect(said(workload("Deployment", {}, pod(), { namespace: "kube-system" }))).toEqual([]);
  for (const [kind, object] of forms) {
    if (!replicatedKinds.some((one) => one === kind)) expect(said(object)).toEqual([]);
  }
});

test.each(replicatedKinds)("sees %s", (kind) => {
  expect(said(workload(kind))).toEqual([
    `${kind} shop/web: nothing spreads its pods over nodes or zones, and there are 3 pods. Spread them in spec.template.spec.topologySpreadConstraints by kubernetes.io/hostname, with their own labels as labelSelector.`,
  ]);
  expect(said(listOf(workload(kind)))).toEqual([expect.stringContaining("items[0].spec.template")]);
});

test.each<[string, object]>([
  ["over what is no failure domain", over({ topologyKey: "example.com/disk" })],
  ["by other labels", over({ labelSelector: { matchLabels: { app: "db" } } })],
  ["by no labels", over({ labelSelector: undefined })],
  ["away from others", required({ labelSelector: { matchLabels: { app: "db" } } })],
  ["away from others, by preference", preferred({ labelSelector: { matchLabels: { app: "db" } } })],
])("tells of pods that are spread %s", (_, spec) => {
  expect(said(workload("Deployment", {}, pod(spec)))).toEqual([
    expect.stringContaining("does not select its own labels"),
  ]);
});

test("counts the pods that an autoscaler makes", () => {
  expect(said(workload("Deployment", { replicas: undefined }), autoscaler())).toEqual([
    expect.stringContaining("2 to 5"),
  ]);
});

test("is undecided while what spreads them is not known", () => {
  const later = { labelSelector: { matchLabels: { app: unknown } } };
  const at = "spec.template.spec";
  const podAntiAffinity = `${at}.affinity.podAntiAffinity`;
  for (const [spec, path] of [
    [over(later), `${at}.topologySpreadConstraints[0]`],
    [required(later), `${podAntiAffinity}.requiredDuringSchedulingIgnoredDuringExecution[0]`],
  ] as const) {
    expect(said(workload("Deployment", {}, pod(spec)))).toEqual([
      expect.stringContaining(`since ${path}.labelSelector.matchLabels.app is not known`),
    ]);
  }
});
