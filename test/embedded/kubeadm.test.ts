import { parseAllDocuments } from "yaml";
import { initConfig, joinConfig, newJoinSecrets } from "../../embedded/kubeadm.ts";
import { kubeVipPod } from "../../embedded/kube-vip.ts";
import { labCluster, nodeNamed } from "../../embedded/spec.ts";
import { versions } from "../../versions.ts";

const spec = labCluster();
const secrets = newJoinSecrets();

/** The documents by their kind. */
function kinds(text: string): Record<string, Record<string, unknown>> {
  const all = parseAllDocuments(text).map((d) => d.toJS() as { kind: string });
  return Object.fromEntries(all.map((d) => [d.kind, { ...d }]));
}

test("the secrets have kubeadm's forms and are new each time", () => {
  expect(secrets.token).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
  expect(secrets.certificateKey).toMatch(/^[0-9a-f]{64}$/);
  expect(newJoinSecrets().token).not.toBe(secrets.token);
});

test("init: the cluster's own address is the endpoint, the lab's ranges are the networks", () => {
  const { ClusterConfiguration, InitConfiguration, KubeletConfiguration, KubeProxyConfiguration } = kinds(
    initConfig(spec, secrets),
  );
  expect(ClusterConfiguration).toMatchObject({
    controlPlaneEndpoint: "172.20.20.100:6443",
    kubernetesVersion: versions.kubernetes,
    networking: { podSubnet: "10.42.0.0/16", serviceSubnet: "10.43.0.0/16" },
    etcd: {
      local: {
        imageRepository: "registry.k8s.io",
        imageTag: "3.7.3-0",
        // One that has lost its data must not begin an empty cluster.
        extraArgs: expect.arrayContaining([{ name: "initial-cluster-state", value: "existing" }]) as unknown,
      },
    },
    dns: { imageRepository: "registry.k8s.io/coredns", imageTag: "v1.14.7" },
  });
  expect(InitConfiguration).toMatchObject({
    localAPIEndpoint: { advertiseAddress: "172.20.20.1" },
    nodeRegistration: { taints: [] },
  });
  expect(KubeletConfiguration).toMatchObject({ serverTLSBootstrap: true, clusterDNS: ["10.43.0.10"] });
  expect(KubeProxyConfiguration).toMatchObject({ mode: "nftables", clusterCIDR: "10.42.0.0/16" });
});

test.each([
  ["qke-worker-49-1", true],
  ["qke-worker-49-2", false],
])("%s joins by its role, and pins the certificate authority", (name, isControlPlane) => {
  const { JoinConfiguration } = kinds(joinConfig(spec, nodeNamed(spec, name), secrets, "sha256:abc"));
  expect("controlPlane" in (JoinConfiguration ?? {})).toBe(isControlPlane);
  expect(JoinConfiguration).toMatchObject({
    discovery: { bootstrapToken: { apiServerEndpoint: "172.20.20.100:6443", caCertHashes: ["sha256:abc"] } },
    nodeRegistration: {
      name,
      kubeletExtraArgs: [
        { name: "node-ip", value: nodeNamed(spec, name).address },
        { name: "node-labels", value: "topology.kubernetes.io/zone=rack-49" },
      ],
    },
  });
});

test("kube-vip asks the API server of its own node, so that it can hold the address before anybody has it", () => {
  expect(kubeVipPod(spec)).toMatchObject({
    spec: { hostNetwork: true, hostAliases: [{ hostnames: ["kubernetes"], ip: "127.0.0.1" }] },
  });
});
