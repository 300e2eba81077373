import { createPlatform } from "../platform.ts";
import { type Recorded, record } from "./lib/record.ts";
import type { MeshPolicy } from "../components/authorization-plan.ts";
import { everyPodOf, refOf, selectorOf } from "../components/connectivity-graph.ts";
import { proveConnectivity } from "../components/connectivity-prover.ts";
import type { NetworkPolicy, PolicySpec } from "../components/network-policy.ts";
import { plantedSecret, stackConfig, stackGraph, stacks } from "./lib/stacks.ts";

/** What makes a cluster, with the data in it. */
const clusters = ["aws:eks/cluster:Cluster", "command:remote:Command"];

/** What holds data of its own, or opens it. */
const holdsData = (type: string, name: string) =>
  ["aws:eks/cluster:Cluster", "aws:kms/key:Key"].includes(type) || name.endsWith("-bootstrap");

describe.each(stacks)("stack %s", (stack) => {
  let updated: Recorded[];
  let previewed: Recorded[];
  let result: unknown;
  let byId: Map<string, Recorded>;
  beforeAll(async () => {
    const update = await record(() => createPlatform(stackConfig(stack)));
    [updated, result] = [[...update.resources], update.result];
    byId = new Map(updated.map((one) => [`${one.type}::${one.name}`, one]));
    previewed = [...(await record(() => createPlatform(stackConfig(stack)), { preview: true })).resources];
  });

  /** Everything that is made before a resource, and so taken down after it. */
  function before(one: Recorded, seen = new Set<Recorded>()): Set<Recorded> {
    for (const id of one.after) {
      const earlier = byId.get(id);
      if (earlier === undefined || seen.has(earlier)) continue;
      seen.add(earlier);
      before(earlier, seen);
    }
    return seen;
  }

  test("makes resources", () => {
    expect(updated.length).toBeGreaterThan(0);
  });

  test("every resource of a provider has a component as its parent", () => {
    const orphans = updated.filter(({ custom, urn }) => custom && !urn.includes("$"));
    expect(orphans).toEqual([]);
  });

  test("every Kubernetes resource has an explicit provider", () => {
    const bare = updated.filter(({ type, provider }) => type.startsWith("kubernetes:") && provider === undefined);
    expect(bare).toEqual([]);
  });

  test("no two registrations share a URN", () => {
    const urns = updated.map(({ urn }) => urn);
    expect(urns).toEqual([...new Set(urns)]);
  });

  test("a preview shows the resources that an update makes", () => {
    expect(previewed.map(({ urn }) => urn)).toEqual(updated.map(({ urn }) => urn));
  });

  test("the kubeconfig's key shows in no input and in no output", () => {
    expect(JSON.stringify(updated)).not.toContain(plantedSecret);
    expect(JSON.stringify(result)).not.toContain(plantedSecret);
  });

  test("the NetworkPolicies that are made let through what the connectivity graph declares, and nothing else", () => {
    const graph = stackGraph(stackConfig(stack));
    const made = updated.flatMap(({ type, inputs }): NetworkPolicy[] => {
      // As the Kubernetes API defines them.
      const { metadata, spec } = inputs as { metadata: { namespace: string; name: string }; spec: PolicySpec };
      if (type !== "kubernetes:networking.k8s.io/v1:NetworkPolicy" || !isOurs(metadata.namespace)) return [];
      return [{ ...metadata, spec }];
    });
    function isOurs(namespace: string) {
      return graph.namespaces[namespace]?.closed !== "none";
    }
    expect(made).not.toEqual([]);
    expect(proveConnectivity(graph, made)).toEqual([]);
  });

  test("the mesh is strict, every namespace in it closed, and what opens one stands for an edge", () => {
    const graph = stackGraph(stackConfig(stack));
    const made = updated.flatMap(({ type, inputs }): MeshPolicy[] =>
      // As the component makes them, which its own test shows.
      type.startsWith("kubernetes:security.istio.io/") ? [inputs as unknown as MeshPolicy] : [],
    );
    const strict = { metadata: { name: "default", namespace: "istio-system" }, spec: { mtls: { mode: "STRICT" } } };
    expect(made.filter(({ kind }) => kind === "PeerAuthentication")).toContainEqual(expect.objectContaining(strict));
    const authorizations = made.flatMap((policy) => (policy.kind === "AuthorizationPolicy" ? [policy] : []));
    const closing = authorizations.filter(({ spec }) => spec.selector === undefined && spec.action === undefined);
    const namespaces = Object.entries(graph.namespaces);
    expect(closing.map(({ metadata }) => metadata.namespace).sort()).toEqual(
      namespaces.flatMap(([name, { meshed }]) => (meshed === "closed" ? [name] : [])).sort(),
    );
    const called = new Set(graph.edges.map(({ to }) => to));
    const opening = authorizations.filter(({ spec }) => spec.action === undefined && spec.rules !== undefined);
    expect(opening).not.toEqual([]);
    for (const { metadata, spec } of opening) {
      const of = Object.values(graph.workloads).find(
        (one) =>
          one.namespace === metadata.namespace &&
          JSON.stringify(selectorOf(one)) === JSON.stringify(spec.selector?.matchLabels),
      );
      expect([...called]).toContain(of === undefined ? everyPodOf(metadata.namespace) : refOf(of));
    }
  });

  test("a custom resource is taken down before its controller, and that before its definition", () => {
    const definitions = updated.filter(({ type }) => type.endsWith(":CustomResourceDefinition"));
    const served = definitions.map((definition) => {
      const { group, names } = (definition.inputs as { spec: { group: string; names: { kind: string } } }).spec;
      const controllers = updated.filter((one) => one.type.endsWith(":Deployment") && before(one).has(definition));
      return { definition, controllers, is: (type: string) => new RegExp(`:${group}/[^:]+:${names.kind}$`).test(type) };
    });
    const objects = updated.filter(({ type }) => served.some(({ is }) => is(type)));
    expect(objects).not.toEqual([]);
    for (const object of objects) {
      // Who comes after an object is no controller of it, as the gateway is none of its limits.
      const looksAfter = (controller: Recorded) => !before(controller).has(object);
      for (const { definition, controllers: all } of served.filter(({ is }) => is(object.type))) {
        const controllers = all.filter(looksAfter);
        expect(controllers).not.toEqual([]);
        expect([...before(object)]).toEqual(expect.arrayContaining([definition, ...controllers]));
      }
    }
  });

  test("the mesh comes after names resolve on every node", () => {
    const check = updated.find(({ name }) => name === "coredns-check");
    const mesh = updated.filter(({ name }) => /^(istio-1-31-1|ingress)-deployment$/.test(name));
    expect(mesh).toHaveLength(2);
    for (const pods of mesh) expect([...before(pods)]).toContain(check);
  });

  test("what lives in a cluster that the stack makes goes with it", () => {
    if (!updated.some(({ type }) => clusters.includes(type))) return;
    const staying = updated.filter(
      ({ type, custom, deletedWith }) => custom && /^kubernetes:(?!.*List$)/.test(type) && deletedWith === undefined,
    );
    expect(staying).toEqual([]);
  });

  test("what holds data is protected", () => {
    const bare = updated.filter(({ type, name, protect }) => holdsData(type, name) && protect !== true);
    expect(bare).toEqual([]);
    if (updated.some(({ type }) => clusters.includes(type))) {
      expect(updated.filter(({ type, name }) => holdsData(type, name))).not.toEqual([]);
    }
  });
});
