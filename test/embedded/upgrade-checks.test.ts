import { findingLines, findings } from "../../embedded/upgrade-checks.ts";
import type { Facts } from "../../embedded/upgrade-kinds.ts";

const now = Date.parse("2026-11-22T00:00:00Z");
const to = "v1.36.3";

/** A cluster that nothing stands against. */
const sound: Facts = {
  now,
  notReady: [],
  etcd: [],
  apis: [],
  metrics: "",
  definitions: [
    {
      metadata: { name: "gadgets.example.com" },
      spec: { versions: [{ name: "v1", served: true }] },
      status: { storedVersions: ["v1"] },
    },
  ],
  budgets: [
    {
      metadata: { namespace: "shop", name: "backend" },
      status: { disruptionsAllowed: 1, currentHealthy: 3, expectedPods: 3 },
    },
  ],
  hooks: [
    { configuration: "ValidatingWebhookConfiguration/a", name: "a.b.c", failurePolicy: "Fail", service: "shop/hook" },
  ],
  endpoints: { "shop/hook": 2 },
  pods: [
    { metadata: { namespace: "shop", name: "backend-1", ownerReferences: [{}] }, status: { phase: "Running" } },
    {
      metadata: { namespace: "kube-system", name: "etcd-m1", annotations: { "kubernetes.io/config.mirror": "hash" } },
      status: { phase: "Running" },
    },
    { metadata: { namespace: "shop", name: "once" }, status: { phase: "Succeeded" } },
  ],
  certificates: [{ node: "m1", file: "/etc/kubernetes/pki/apiserver.crt", expires: "2027-11-21T00:00:00Z" }],
  freeBytes: 50e9,
};

/** As an API server of 1.35 prints it. */
const metrics = (version: string, removed: string) =>
  [
    "# TYPE apiserver_requested_deprecated_apis gauge",
    `apiserver_requested_deprecated_apis{group="",removed_release="",resource="endpoints",subresource="",version="v1"} 1`,
    `apiserver_requested_deprecated_apis{group="example.k8s.io",removed_release="${removed}",resource="things",subresource="",version="${version}"} 1`,
  ].join("\n");
const [definition, budget, hook] = [sound.definitions, sound.budgets, sound.hooks].map((list) => list[0]);

test("nothing stands against a sound cluster", () => {
  expect(findings(sound, to)).toEqual([]);
  expect(findingLines([])).toEqual(["Nothing stands against it."]);
});

test.each<[string, Partial<Facts>, boolean, string]>([
  ["a node is away", { notReady: ["w1"] }, true, "node w1: not Ready"],
  ["a member of etcd is away", { etcd: ["m2"] }, true, "node m2: its member of etcd is not healthy"],
  ["an API server is away", { apis: ["m3"] }, true, "node m3: its API server does not answer"],
  [
    "an API that goes is in use",
    { metrics: metrics("v1beta1", "1.36") },
    true,
    "things of example.k8s.io/v1beta1: asked for, and gone in 1.36",
  ],
  [
    "an API that had to go before is in use",
    { metrics: metrics("v1beta1", "1.35") },
    true,
    "things of example.k8s.io/v1beta1: asked for, and gone in 1.35",
  ],
  [
    "objects are stored in a version that is not served",
    { definitions: [{ ...definition, status: { storedVersions: ["v1alpha1", "v1"] } } as Facts["definitions"][0]] },
    true,
    "CRD gadgets.example.com: stored in v1alpha1, which is not served",
  ],
  [
    "a budget lets nothing go",
    {
      budgets: [
        { ...budget, status: { disruptionsAllowed: 0, currentHealthy: 1, expectedPods: 1 } } as Facts["budgets"][0],
      ],
    },
    true,
    "PodDisruptionBudget shop/backend: allows 0 disruptions (1 of 1 pods healthy)",
  ],
  ["a webhook fails closed and is away", { endpoints: {} }, true, "shop/hook has no ready endpoint"],
  ["a webhook fails closed with one pod", { endpoints: { "shop/hook": 1 } }, false, "shop/hook has one ready endpoint"],
  [
    "a pod that nothing makes again",
    { pods: [{ metadata: { namespace: "shop", name: "lonely" }, status: { phase: "Running" } }] },
    true,
    "pod shop/lonely",
  ],
  [
    "a certificate has ended",
    { certificates: [{ node: "m1", file: "apiserver.crt", expires: "2026-11-21T00:00:00Z" }] },
    true,
    "apiserver.crt of m1: expired",
  ],
  [
    "a certificate ends soon",
    { certificates: [{ node: "m1", file: "apiserver.crt", expires: "2026-12-01T00:00:00Z" }] },
    false,
    "apiserver.crt of m1: expires 2026-12-01",
  ],
  ["the disk is full", { freeBytes: 1e9 }, true, "1.0 GB free, 4.0 GB wanted"],
])("%s", (_, more, blocks, text) => {
  const found = findings({ ...sound, ...more }, to);
  expect(found.map((one) => one.blocks)).toEqual([blocks]);
  expect(findingLines(found)[0]).toContain(text);
  expect(findingLines(found)[0]).toMatch(blocks ? /^BLOCKS {2}/ : /^warns {3}/);
  expect(found[0]?.todo).not.toBe("");
});

test.each<[string, Partial<Facts>]>([
  ["an API that goes in a later release", { metrics: metrics("v1beta1", "1.37") }],
  ["an API that is deprecated and stays", { metrics: metrics("v1beta1", "") }],
  [
    "a budget without pods",
    {
      budgets: [
        { ...budget, status: { disruptionsAllowed: 0, currentHealthy: 0, expectedPods: 0 } } as Facts["budgets"][0],
      ],
    },
  ],
  ["a webhook that fails open", { endpoints: {}, hooks: [{ ...hook, failurePolicy: "Ignore" } as Facts["hooks"][0]] }],
  ["a webhook at a URL", { endpoints: {}, hooks: [{ ...hook, service: undefined } as Facts["hooks"][0]] }],
])("%s is nothing", (_, more) => {
  expect(findings({ ...sound, ...more }, to)).toEqual([]);
});

test("what several API servers say is told once, and what blocks comes first", () => {
  const text = metrics("v1beta1", "1.36");
  const found = findings({ ...sound, metrics: [text, text, text].join("\n"), endpoints: { "shop/hook": 1 } }, to);
  expect(found.map(({ blocks }) => blocks)).toEqual([true, false]);
});
