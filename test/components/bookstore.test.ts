import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { Bookstore } from "../../components/bookstore.ts";
import { planBookstore } from "../../components/bookstore-plan.ts";
import { bookstoreSchema } from "../../components/bookstore-schema.ts";
import { Namespace } from "../../components/namespace.ts";
import { record, valueOf } from "../lib/record.ts";

const config = bookstoreSchema.parse({
  kind: "podinfo",
  services: { catalog: { versions: { v1: {}, v2: { replicas: 3, fault: { errors: true } } } } },
});
if (config.kind !== "podinfo") throw new Error("It is configured to be none.");
const spec = { ...config, image: "registry.example/podinfo:1.2.3", racks: false };

test("applies the plan's manifests in the namespace, and nothing else", async () => {
  const { resources, result } = await record(
    () =>
      new Bookstore("books", { ...spec, namespace: pulumi.output("store") }, { provider: new Provider("target", {}) }),
  );
  const expected = planBookstore(spec).flatMap(({ name, serviceAccount, service, versions }) => [
    ["core/v1", "ServiceAccount", `books-${name}-service-account`, serviceAccount] as const,
    ["core/v1", "Service", `books-${name}-service`, service] as const,
    ...versions.flatMap(({ version, deployment, podDisruptionBudget }) => [
      ["apps/v1", "Deployment", `books-${name}-${version}-deployment`, deployment] as const,
      ["policy/v1", "PodDisruptionBudget", `books-${name}-${version}-disruption-budget`, podDisruptionBudget] as const,
    ]),
  ]);
  const made = resources.flatMap(({ type, name, inputs, provider }) =>
    type.startsWith("kubernetes:") ? [[type, name, inputs, provider] as const] : [],
  );
  const byId = (one: readonly [string, string, ...unknown[]], other: readonly [string, string, ...unknown[]]) =>
    `${one[0]} ${one[1]}` < `${other[0]} ${other[1]}` ? -1 : 1;
  expect([...made].sort(byId)).toEqual(
    expected
      .map(
        ([group, kind, name, manifest]) =>
          [
            `kubernetes:${group}:${kind}`,
            name,
            {
              apiVersion: group.replace("core/", ""),
              kind,
              ...manifest,
              metadata: { ...manifest.metadata, namespace: "store" },
            },
            "pulumi:providers:kubernetes::target",
          ] as const,
      )
      .sort(byId),
  );
  expect(made).toHaveLength(2 * 6 + 2 * 7);
  expect(await valueOf(result.url)).toBe("http://order.store.svc:80");
});

test("the first pods of a service wait for its ServiceAccount", async () => {
  const { resources } = await record(() => new Bookstore("books", { ...spec, namespace: "store" }));
  const after = (name: string) => resources.find((one) => one.name === name)?.after;
  for (const version of ["v1", "v2"]) {
    expect(after(`books-catalog-${version}-deployment`)).toEqual([
      "kubernetes:core/v1:ServiceAccount::books-catalog-service-account",
    ]);
  }
});

test("it goes with its namespace, when it is told to", async () => {
  const { resources } = await record(() => {
    const namespace = new Namespace("store", {
      namespace: "store",
      owner: "acme/quintet/dev",
      kubernetesMinor: "1.36",
      policies: [],
    });
    new Bookstore("books", { ...spec, namespace: namespace.namespace }, { deletedWith: namespace.resource });
  });
  const children = resources.filter(({ name, custom }) => custom && name.startsWith("books-"));
  expect(children.map(({ deletedWith }) => deletedWith)).toEqual(
    Array<string>(26).fill("kubernetes:core/v1:Namespace::store-namespace"),
  );
});
