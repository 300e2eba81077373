import { argsOf, configOf, ofType, resourcesOf } from "./example.ts";

test("each planned policy is one in kube-system, under its name", async () => {
  const config = configOf();
  const made = ofType(await resourcesOf(config), "kubernetes:networking.k8s.io/v1:NetworkPolicy");
  const planned = argsOf(config).policies.map(({ name: role, spec }) => [
    `cluster-system-${role}`,
    { metadata: { name: role, namespace: "kube-system" }, spec },
  ]);
  expect(
    [...made]
      .map(
        ([
          name,
          {
            inputs: { metadata, spec },
          },
        ]) => [name, { metadata, spec }],
      )
      .sort(),
  ).toEqual(planned.sort());
  expect([...new Set([...made.values()].map(({ provider }) => provider))]).toEqual([
    "pulumi:providers:kubernetes::cluster-early-provider",
  ]);
});

test.each([
  ["standard", [{ "enable-network-policy-controller": "true" }]],
  ["off", []],
])("Auto Mode's network policy %s is what its ConfigMap says", async (networkPolicy, data) => {
  const config = configOf({ autoMode: true, nodeGroups: null, networkPolicy });
  const maps = [...ofType(await resourcesOf(config), "kubernetes:core/v1:ConfigMap").values()];
  expect(maps.map(({ inputs }) => inputs["data"])).toEqual(data);
  expect(maps.map(({ inputs }) => inputs["metadata"])).toEqual(
    data.map(() => ({
      name: "amazon-vpc-cni",
      namespace: "kube-system",
      annotations: { "pulumi.com/patchForce": "true" },
    })),
  );
});
