import { disallowUnmatchedSelectors } from "../../../policies/network-policy/disallow-unmatched-selectors.ts";
import { closed, labelled, namespace, policy, serving, unknown } from "../network-policies.ts";
import { pod, saidOf } from "../workloads.ts";

const db = labelled({ app: "db" }, serving, "db");
const edge = labelled({ app: "gate" }, serving, "gate", "edge");
const around = [
  namespace("shop"),
  namespace("edge", { labels: { side: "out" } }),
  labelled({ app: "web" }, serving),
  db,
  edge,
];
const said = (...objects: object[]) => saidOf([disallowUnmatchedSelectors], [...around, ...objects]);
const app = (name: string) => ({ matchLabels: { app: name } });
const named = (name: string) => ({ matchLabels: { "kubernetes.io/metadata.name": name } });
const web = (rules: object) => policy("web", { podSelector: app("web"), ...rules });

test.each<[string, object]>([
  ["the baseline", closed()],
  ["labels of pods", web({ ingress: [{ from: [{ podSelector: app("db") }], ports: [{ port: 8080 }] }] })],
  ["a named port", web({ ingress: [{ ports: [{ port: "http" }] }] })],
  ["a range with a port in it", web({ ingress: [{ ports: [{ port: 8000, endPort: 9000 }] }] })],
  ["another namespace", web({ egress: [{ to: [{ namespaceSelector: named("edge"), podSelector: app("gate") }] }] })],
  [
    "a namespace by its own labels",
    web({ ingress: [{ from: [{ namespaceSelector: { matchLabels: { side: "out" } } }] }] }),
  ],
  [
    "pods of the system, which are not in the stack",
    web({
      egress: [{ to: [{ namespaceSelector: named("kube-system"), podSelector: app("dns") }], ports: [{ port: 53 }] }],
    }),
  ],
  ["addresses", web({ egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }], ports: [{ port: 1 }] }] })],
])("accepts %s", (_, object) => {
  expect(said(object)).toEqual([]);
});

test("accepts a number where a container does not say its ports, and ports of the sidecar", () => {
  expect(
    said(
      labelled({ app: "cache" }),
      policy("cache", { podSelector: app("cache"), ingress: [{ ports: [{ port: 1 }] }] }),
    ),
  ).toEqual([]);
  const meshed = [namespace("mesh", { labels: { "istio.io/rev": "stable" } }), labelled({}, serving, "a", "mesh")];
  const scraped = policy("a", { podSelector: {}, ingress: [{ ports: [{ port: 15090 }] }] }, { namespace: "mesh" });
  expect(said(...meshed, scraped)).toEqual([]);
});

test.each<[string, object, string]>([
  [
    "its own selector",
    policy("web", { podSelector: app("wbe") }),
    "no workload of the stack in shop has the labels that it selects. Correct spec.podSelector",
  ],
  [
    "a peer's labels",
    web({ ingress: [{ from: [{ podSelector: app("bd") }] }] }),
    "no workload of the stack in shop has the labels that it selects. Correct spec.ingress[0].from[0].podSelector",
  ],
  [
    "a peer's namespace",
    web({ ingress: [{ from: [{ namespaceSelector: named("egde") }] }] }),
    "no namespace of the stack has the labels that it selects. Correct spec.ingress[0].from[0].namespaceSelector",
  ],
  [
    "the labels of whom it calls",
    web({ egress: [{ to: [{ podSelector: app("bd") }] }] }),
    "Correct spec.egress[0].to[0].podSelector",
  ],
  [
    "a peer in another namespace",
    web({ egress: [{ to: [{ namespaceSelector: named("edge"), podSelector: app("web") }] }] }),
    "no workload of the stack in those namespaces",
  ],
  [
    "the name of a port",
    web({ ingress: [{ ports: [{ port: "https" }] }] }),
    "no pod that it is about has port https over TCP. Correct spec.ingress[0].ports[0].port",
  ],
  ["the number of a port", web({ ingress: [{ ports: [{ port: 8081 }] }] }), "has port 8081 over TCP"],
  [
    "the protocol of a port",
    web({ ingress: [{ ports: [{ port: 8080, protocol: "UDP" }] }] }),
    "has port 8080 over UDP",
  ],
  [
    "the port of whom it calls",
    web({ egress: [{ to: [{ podSelector: app("db") }], ports: [{ port: 5432 }] }] }),
    "has port 5432 over TCP. Correct spec.egress[0].ports[0].port",
  ],
])("tells of a mistake in %s", (_, object, message) => {
  expect(said(object)).toEqual([expect.stringContaining(message)]);
});

test.each(["Job", "CronJob"])("knows the label of a %s's pods", (kind) => {
  const template = { spec: pod() };
  const spec = kind === "Job" ? { template } : { jobTemplate: { spec: { template } } };
  const job = { apiVersion: "batch/v1", kind, metadata: { namespace: "shop", name: "backup" }, spec };
  for (const key of ["job-name", "batch.kubernetes.io/job-name"]) {
    const own = policy("backup", { podSelector: { matchLabels: { [key]: "backup" } } });
    expect(said(job, own)).toEqual([]);
    expect(said({ ...labelled({}, pod(), "backup") }, own)).toHaveLength(1);
  }
});

test.each<[string | number, string | undefined]>([
  ["http-envoy-prom", undefined],
  [15000, undefined],
  [15099, undefined],
  [14999, "has port 14999 over TCP"],
  [15100, "has port 15100 over TCP"],
  ["envoy", "has port envoy over TCP"],
])("knows whether port %s is of the sidecar", (port, message) => {
  const meshed = [namespace("mesh", { labels: { "istio.io/rev": "stable" } }), labelled({}, serving, "a", "mesh")];
  const scraped = policy("a", { podSelector: {}, ingress: [{ ports: [{ port }] }] }, { namespace: "mesh" });
  expect(said(...meshed, scraped)).toEqual(message === undefined ? [] : [expect.stringContaining(message)]);
});

describe("counts the ports", () => {
  const ports = [
    { containerPort: 53, protocol: "UDP" },
    { name: "redis", containerPort: 6379 },
  ];
  const cache = (more: object = {}) =>
    labelled({ app: "cache" }, { containers: [{ name: "app", ports }], ...more }, "cache");
  const to = (port: object, podSelector: object = app("cache")) =>
    policy("cache", { podSelector, ingress: [{ ports: [port] }] });
  const other = [{ name: "more", ports: [{ name: "more", containerPort: 99 }] }];
  const silent = [{ name: "more" }];

  test.each<[string, object, object]>([
    ["of one pod of several", cache(), to({ port: 6379 }, {})],
    ["over UDP", cache(), to({ port: 53, protocol: "UDP" })],
    ["of what looks inside", cache({ ephemeralContainers: other }), to({ port: 99 })],
  ])("%s", (_, workload, object) => {
    expect(said(workload, object)).toEqual([]);
  });

  test.each<[string, object, object, string]>([
    ["over another protocol", cache(), to({ port: 53 }), "has port 53 over TCP"],
    ["of what runs before", cache({ initContainers: other }), to({ port: 99 }), "has port 99 over TCP"],
    ["of what runs before and says none", cache({ initContainers: silent }), to({ port: 99 }), "has port 99 over TCP"],
    [
      "of what looks inside and says none",
      cache({ ephemeralContainers: silent }),
      to({ port: 99 }),
      "has port 99 over TCP",
    ],
    [
      "by a name that nobody wrote",
      labelled({ app: "cache" }, pod(), "cache"),
      to({ port: "redis" }),
      "has port redis over TCP",
    ],
    ["of nobody, whom it tells of once", cache(), to({ port: 99 }, app("cash")), "Correct spec.podSelector"],
  ])("and not those %s", (_, workload, object, message) => {
    expect(said(workload, object)).toEqual([expect.stringContaining(message)]);
  });
});

test("accepts pods that a controller makes", () => {
  const solver = { matchLabels: { "acme.cert-manager.io/http01-solver": "true" } };
  expect(said(policy("solver", { podSelector: solver }))).toEqual([]);
});

test("is undecided while labels of pods are not known", () => {
  const later = labelled({ app: unknown }, pod(), "later");
  expect(said(policy("web", { podSelector: app("wbe") }), later)).toEqual([
    expect.stringContaining("spec.template.metadata.labels.app of Deployment shop/later is not known until then"),
  ]);
  const bySide = web({ ingress: [{ from: [{ namespaceSelector: { matchLabels: { side: "in" } } }] }] });
  expect(said(bySide, namespace("lab", { labels: { side: unknown } }))).toEqual([
    expect.stringContaining("metadata.labels.side of Namespace lab is not known until then"),
  ]);
  // What is not known of another namespace changes nothing of this one.
  const elsewhere = labelled({ app: unknown }, pod(), "later", "edge");
  expect(said(policy("web", { podSelector: app("wbe") }), elsewhere)).toEqual([
    expect.stringContaining("no workload of the stack in shop"),
  ]);
});
