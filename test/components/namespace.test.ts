import { Namespace, podSecurityLabels } from "../../components/namespace.ts";
import { record, valueOf } from "../lib/record.ts";

test("makes one namespace that enforces the restricted standard of its Kubernetes release", async () => {
  const { resources, result } = await record(
    () =>
      new Namespace("store", { namespace: "shop", owner: "acme/quintet/dev", kubernetesMinor: "1.36", policies: [] }),
  );
  expect(resources.map(({ type, name, inputs }) => [type, name, inputs])).toEqual([
    [
      "kubernetes:core/v1:Namespace",
      "store-namespace",
      {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: {
          name: "shop",
          labels: {
            "pod-security.kubernetes.io/enforce": "restricted",
            "pod-security.kubernetes.io/enforce-version": "v1.36",
            "pod-security.kubernetes.io/warn": "restricted",
            "pod-security.kubernetes.io/warn-version": "v1.36",
          },
          annotations: { "quintet.dev/stack": "acme/quintet/dev" },
        },
      },
    ],
    ["quintet:index:Connectivity", "store-connectivity", {}],
    ["quintet:index:Namespace", "store", {}],
  ]);
  expect(await valueOf(result.namespace)).toBe("shop");
});

test("enforces another level when it is asked to", () => {
  const labels = podSecurityLabels({ kubernetesMinor: "1.35", podSecurity: "privileged" });
  expect(labels).toMatchObject({
    "pod-security.kubernetes.io/enforce": "privileged",
    "pod-security.kubernetes.io/enforce-version": "v1.35",
  });
});

test("has its own policies of all, which go with it", async () => {
  const spec = { podSelector: {} };
  const policies = ["shop", "office"].map((namespace) => ({ namespace, name: "default", spec }));
  const { resources } = await record(
    () => new Namespace("store", { namespace: "shop", owner: "acme/quintet/dev", kubernetesMinor: "1.36", policies }),
  );
  const made = resources.filter(({ type }) => type === "kubernetes:networking.k8s.io/v1:NetworkPolicy");
  expect(made.map(({ name, inputs, deletedWith }) => [name, inputs["metadata"], deletedWith])).toEqual([
    [
      "store-connectivity-default",
      { name: "default", namespace: "shop" },
      "kubernetes:core/v1:Namespace::store-namespace",
    ],
  ]);
});
