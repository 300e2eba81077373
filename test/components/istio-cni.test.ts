import { Provider } from "@pulumi/kubernetes/provider.js";
import { type IstioCniSpec, planIstioCni } from "../../components/istio-cni-plan.ts";
import { IstioCni } from "../../components/istio-cni.ts";
import { record } from "../lib/record.ts";

const spec: IstioCniSpec = {
  image: "registry.example/cni:1.2.3",
  folders: { configuration: "/etc/cni/net.d", programs: "/opt/cni/bin" },
  excluded: ["kube-system"],
};

test("applies the plan's manifests in a namespace of its own, the agents after their rights", async () => {
  const { resources } = await record(() => {
    const args = { ...spec, owner: "acme/quintet/dev", kubernetesMinor: "1.36", policies: [] };
    return new IstioCni("mesh-cni", args, { provider: new Provider("target", {}) });
  });
  const made = resources.filter(({ custom, type }) => custom && type.startsWith("kubernetes:"));
  const { serviceAccount, rights, daemonSet } = planIstioCni(spec);
  const placed = <T extends { metadata: object }>(manifest: T) => ({
    ...manifest,
    metadata: { ...manifest.metadata, namespace: "istio-cni" },
  });
  const { metadata } = serviceAccount;
  const expected: Record<string, object> = {
    "mesh-cni-namespace": {
      metadata: { name: "istio-cni", labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
    },
    "mesh-cni-service-account": placed(serviceAccount),
    "mesh-cni-cluster-role": { metadata, rules: rights.cluster },
    "mesh-cni-cluster-role-binding": {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: metadata.name },
      subjects: [{ kind: "ServiceAccount", name: metadata.name, namespace: "istio-cni" }],
    },
    "mesh-cni-agents": placed(daemonSet),
  };
  expect(made.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
  for (const { name, inputs } of made) expect(inputs).toMatchObject(expected[name] ?? {});
  const agents = made.find(({ name }) => name === "mesh-cni-agents");
  expect(agents?.after).toEqual(
    expect.arrayContaining([
      "kubernetes:core/v1:ServiceAccount::mesh-cni-service-account",
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding::mesh-cni-cluster-role-binding",
    ]),
  );
});
