import fc from "fast-check";
import {
  bookstoreCalls,
  bookstoreEntry,
  bookstoreHalf,
  bookstoreRoutes,
  type BookstoreService,
  bookstoreServiceNames,
  bookstoreServices,
  type BookstoreSpec,
  planBookstore,
} from "../../components/bookstore-plan.ts";
import { bookstoreSchema, type PodinfoConfig } from "../../components/bookstore-schema.ts";
import { clusterHalf } from "../../components/cluster/half.ts";
import { graphOf } from "../../components/connectivity-graph.ts";
import { planPolicies } from "../../components/connectivity-policies.ts";
import { proveConnectivity } from "../../components/connectivity-prover.ts";
import { coreDnsHalf } from "../../components/coredns-plan.ts";
import { ingressHalf } from "../../components/ingress-plan.ts";
import { istioHalf } from "../../components/istio-plan.ts";
import { backendHalf } from "../../components/backend-plan.ts";
import { selects } from "../../components/network-policy.ts";
import { ports } from "../../components/podinfo-plan.ts";
import { requireLimits } from "../../policies/qos/require-limits.ts";
import { judge } from "../lib/judge.ts";
import { facts, noDns } from "../lib/stacks.ts";

/** The configuration with these keys, and every other default. */
function configured(more: object = {}): PodinfoConfig {
  const config = bookstoreSchema.parse({ kind: "podinfo", ...more });
  if (config.kind !== "podinfo") throw new Error("It is configured to be none.");
  return config;
}

const specOf = (config: PodinfoConfig): BookstoreSpec => ({
  ...config,
  image: "registry.example/podinfo:1.2.3",
  racks: true,
});
const planOf = (more: object = {}) => planBookstore(specOf(configured(more)));
const canary = { services: { catalog: { versions: { v1: {}, v2: { replicas: 1, fault: { errors: true } } } } } };

/** Whom the pods of each service are told to call, by host and port. */
const told = (more: object = {}) =>
  planOf(more).flatMap(({ name, versions }) =>
    versions.flatMap(({ deployment }) =>
      deployment.spec.template.spec.containers.flatMap(({ command }) =>
        command.flatMap((flag) => {
          const url = /^--backend-url=(.*)$/.exec(flag)?.[1];
          return url === undefined ? [] : [{ from: name, url: new URL(url) }];
        }),
      ),
    ),
  );

/** Any configuration of versions. */
const anyServices = fc.dictionary(
  fc.constantFrom(...bookstoreServiceNames),
  fc.record({
    versions: fc.dictionary(
      fc.stringMatching(/^[a-z]([a-z0-9-]{0,34}[a-z0-9])?$/),
      fc.record({ replicas: fc.integer({ min: 1, max: 10 }) }, { requiredKeys: [] }),
      { minKeys: 1, maxKeys: 3, noNullPrototype: true },
    ),
  }),
  { noNullPrototype: true },
);

describe("the call graph", () => {
  test("is that of the bookstore", () => {
    expect(bookstoreCalls).toEqual({
      order: ["customer", "payment", "catalog", "delivery"],
      customer: [],
      payment: ["customer"],
      catalog: ["inventory"],
      delivery: ["inventory"],
      inventory: [],
    });
  });

  test("has no circle, in which a call would never end, and leads from its entry to every service", () => {
    const reached = new Set<string>();
    const walk = (service: BookstoreService, above: readonly string[]) => {
      expect(above).not.toContain(service);
      reached.add(service);
      for (const called of bookstoreCalls[service]) walk(called, [...above, service]);
    };
    walk(bookstoreEntry, []);
    expect([...reached].sort()).toEqual([...bookstoreServiceNames].sort());
  });

  test("is what every version is told to call, and what the connectivity graph lets through, edge by edge", () => {
    fc.assert(
      fc.property(anyServices, (services) => {
        const config = configured({ services });
        const edges = bookstoreServiceNames.flatMap((from) =>
          bookstoreCalls[from].map((to) => `bookstore/${from} -> bookstore/${to}`),
        );
        const flags = new Map<string, number>();
        for (const { from, url } of told({ services })) {
          const edge = `bookstore/${from} -> bookstore/${url.hostname}`;
          flags.set(edge, (flags.get(edge) ?? 0) + 1);
        }
        expect([...flags.keys()].sort()).toEqual([...edges].sort());
        for (const from of bookstoreServiceNames) {
          for (const to of bookstoreCalls[from]) {
            expect(flags.get(`bookstore/${from} -> bookstore/${to}`)).toBe(
              Object.keys(config.services[from].versions).length,
            );
          }
        }
        const declared = (bookstoreHalf(config, { closed: "every-pod" }).edges ?? []).filter(
          ({ port }) => port === "http",
        );
        expect(declared.map(({ from, to }) => `${from} -> ${to}`).sort()).toEqual([...edges].sort());
      }),
      { numRuns: 50 },
    );
  });

  test("goes on from where podinfo calls its own", () => {
    for (const { url } of told()) {
      expect([url.protocol, Number(url.port || 80), url.pathname]).toEqual(["http:", ports.service, "/api/echo"]);
    }
  });
});

describe("its half of the connectivity graph", () => {
  const around = { ...facts, enforcesNetworkPolicy: true };
  const closed = "every-pod" as const;
  const graph = (more: object = {}) =>
    graphOf(around, [
      clusterHalf(around),
      coreDnsHalf(noDns, around),
      istioHalf({ name: "1-2-3" }, { closed }),
      ingressHalf({}, { facts: around, backend: "store/backend", closed }),
      backendHalf("backend", { namespace: "store", closed, open: false }),
      bookstoreHalf(configured(more), { closed }),
    ]);

  test("is let through as it says, and nothing else is", () => {
    for (const more of [{}, { path: "/books" }]) {
      expect(proveConnectivity(graph(more), planPolicies(graph(more)))).toEqual([]);
    }
  });

  test("its entry is the gateway's to call where it has a public path, and otherwise nobody's", () => {
    const callers = (more: object) =>
      graph(more).edges.flatMap(({ from, to }) => (to === `bookstore/${bookstoreEntry}` ? [from] : []));
    expect(callers({})).toEqual([]);
    expect(callers({ path: "/books" })).toEqual(["istio-ingress/gateway"]);
  });

  test("who calls resolves names, and who does not call does not", () => {
    const asking = graph().edges.filter(({ from, to }) => from.startsWith("bookstore/") && to.endsWith("/coredns"));
    expect(asking.map(({ from, port }) => `${from} ${port}`)).toEqual(
      ["order", "payment", "catalog", "delivery"].flatMap((name) =>
        ["dns", "dns-tcp"].map((port) => `bookstore/${name} ${port}`),
      ),
    );
  });

  test("picks the pods of every version by what they carry", () => {
    const { workloads = [] } = bookstoreHalf(configured(canary), { closed });
    const pods = planOf(canary).flatMap(({ name, versions }) =>
      versions.map(({ deployment }) => ({ name, labels: deployment.spec.template.metadata.labels })),
    );
    expect(pods).toHaveLength(7);
    for (const { name, labels } of pods) {
      const picked = workloads.filter((workload) => selects({ matchLabels: workload.labels }, labels));
      expect(picked.map((workload) => workload.name)).toEqual([name]);
      expect(picked[0]?.ports).toEqual({ http: { port: ports.container } });
    }
  });
});

describe("a service", () => {
  const catalog = planOf(canary).find(({ name }) => name === "catalog");

  test("has a Service before all of its versions, and an account that they share", () => {
    expect(catalog?.service).toEqual({
      metadata: { name: "catalog", labels: { "app.kubernetes.io/name": "catalog" } },
      spec: {
        selector: { "app.kubernetes.io/name": "catalog" },
        ports: [{ name: "http", port: 80, targetPort: "http", appProtocol: "http" }],
      },
    });
    expect(catalog?.serviceAccount.metadata.name).toBe("catalog");
    for (const { deployment } of catalog?.versions ?? []) {
      expect(deployment.spec.template.spec.serviceAccountName).toBe("catalog");
      expect(
        selects({ matchLabels: catalog?.service.spec.selector ?? {} }, deployment.spec.template.metadata.labels),
      ).toBe(true);
    }
  });

  test("has a Deployment and a disruption budget for each version, which pick none of another", () => {
    expect(catalog?.versions.map(({ version, deployment }) => [version, deployment.metadata.name])).toEqual([
      ["v1", "catalog-v1"],
      ["v2", "catalog-v2"],
    ]);
    const [v1, v2] = catalog?.versions ?? [];
    for (const { deployment, podDisruptionBudget } of catalog?.versions ?? []) {
      const { labels } = deployment.spec.template.metadata;
      expect(deployment.spec.selector.matchLabels).toEqual(labels);
      expect(podDisruptionBudget.spec.selector.matchLabels).toEqual(labels);
    }
    expect(selects(v1?.deployment.spec.selector ?? {}, v2?.deployment.spec.template.metadata.labels ?? {})).toBe(false);
  });

  test("has as many pods of each version as it says, or as the bookstore does", () => {
    expect(catalog?.versions.map(({ deployment }) => deployment.spec.replicas)).toEqual([2, 1]);
    expect(catalog?.versions.map(({ podDisruptionBudget }) => podDisruptionBudget.spec.minAvailable)).toEqual([
      "50%",
      "0%",
    ]);
  });

  test("says which it is, and only the version with a fault has one", () => {
    const commands = catalog?.versions.map(({ deployment }) => deployment.spec.template.spec.containers[0]?.command);
    expect(commands?.map((command) => command?.includes("--random-error"))).toEqual([false, true]);
    expect(commands?.map((command) => command?.find((flag) => flag.startsWith("--ui-message")))).toEqual([
      "--ui-message=catalog v1",
      "--ui-message=catalog v2",
    ]);
  });

  test("has pods that the policies let pass, and that are small", async () => {
    for (const { versions } of planOf(canary)) {
      for (const { deployment } of versions) {
        expect(deployment.spec.template.spec.containers[0]?.resources).toEqual({
          requests: { cpu: "10m", memory: "32Mi" },
          limits: { cpu: "500m", memory: "64Mi" },
        });
        expect(await judge(requireLimits, "kubernetes:apps/v1:Deployment", deployment)).toEqual({ violations: [] });
      }
    }
  });
});

test("those who route see its services with the labels that tell versions apart", () => {
  expect(bookstoreServices({ kind: "none" })).toEqual([]);
  const services = bookstoreServices(configured({ namespace: "books", ...canary }));
  expect(services.map(({ namespace, name, port }) => `${namespace}/${name}:${String(port)}`)).toEqual(
    bookstoreServiceNames.map((name) => `books/${name}:80`),
  );
  expect(services.find(({ name }) => name === "catalog")?.versions).toEqual({
    v1: { "app.kubernetes.io/version": "v1" },
    v2: { "app.kubernetes.io/version": "v2" },
  });
  for (const { name, versions } of planOf(canary)) {
    const told = services.find((service) => service.name === name)?.versions ?? {};
    for (const [version, labels] of Object.entries(told)) {
      const picked = versions.filter(({ deployment }) =>
        selects({ matchLabels: labels }, deployment.spec.template.metadata.labels),
      );
      expect(picked.map((one) => one.version)).toEqual([version]);
    }
  }
});

test("the outside reaches its entry by its path, or not at all", () => {
  expect(bookstoreRoutes({ kind: "none" })).toEqual([]);
  expect(bookstoreRoutes(configured())).toEqual([]);
  expect(bookstoreRoutes(configured({ path: "/books" }))).toEqual([
    { namespace: "bookstore", service: "order", port: 80, path: "/books" },
  ]);
});
