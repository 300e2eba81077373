import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { Backend } from "../../components/backend.ts";
import { planBackend } from "../../components/backend-plan.ts";
import { Namespace } from "../../components/namespace.ts";
import { record, valueOf } from "../lib/record.ts";

const spec = {
  app: "shop",
  image: "registry.example/podinfo:1.2.3",
  replicas: { min: 2, max: 4 },
  resources: { cpu: "100m", memory: "64Mi" },
  racks: false,
  qosClass: "Guaranteed",
} as const;

test("applies the plan's manifests in the namespace, and nothing else", async () => {
  const { resources, result } = await record(
    () => new Backend("web", { ...spec, namespace: pulumi.output("store") }, { provider: new Provider("target", {}) }),
  );
  const plan = planBackend(spec);
  const placed = (manifest: { metadata: object }) => ({
    ...manifest,
    metadata: { ...manifest.metadata, namespace: "store" },
  });
  const made = resources.flatMap(({ type, name, inputs, provider }) =>
    type.startsWith("kubernetes:") ? [[type, name, inputs, provider]] : [],
  );
  const target = "pulumi:providers:kubernetes::target";
  expect(made).toEqual(
    (
      [
        ["apps/v1", "Deployment", "web-deployment", plan.deployment],
        ["autoscaling/v2", "HorizontalPodAutoscaler", "web-autoscaler", plan.horizontalPodAutoscaler],
        ["core/v1", "Service", "web-service", plan.service],
        ["core/v1", "ServiceAccount", "web-service-account", plan.serviceAccount],
        ["policy/v1", "PodDisruptionBudget", "web-disruption-budget", plan.podDisruptionBudget],
      ] as const
    ).map(([group, kind, name, manifest]) => [
      `kubernetes:${group}:${kind}`,
      name,
      { apiVersion: group.replace("core/", ""), kind, ...placed(manifest) },
      target,
    ]),
  );
  expect(await valueOf(result.url)).toBe("http://shop.store.svc:80");
  expect(await valueOf(result.clusterIp)).toBe("10.43.0.80");
});

test("its first pod waits for its ServiceAccount", async () => {
  const { resources } = await record(() => new Backend("web", { ...spec, namespace: "store" }));
  const deployment = resources.find(({ name }) => name === "web-deployment");
  expect(deployment?.after).toEqual(["kubernetes:core/v1:ServiceAccount::web-service-account"]);
});

test("it goes with its namespace, when it is told to", async () => {
  const { resources } = await record(() => {
    const namespace = new Namespace("store", {
      namespace: "store",
      owner: "acme/quintet/dev",
      kubernetesMinor: "1.36",
      policies: [],
    });
    new Backend("web", { ...spec, namespace: namespace.namespace }, { deletedWith: namespace.resource });
  });
  const children = resources.filter(({ name, custom }) => custom && name.startsWith("web-"));
  expect(children.map(({ deletedWith }) => deletedWith)).toEqual(
    Array<string>(5).fill("kubernetes:core/v1:Namespace::store-namespace"),
  );
});
