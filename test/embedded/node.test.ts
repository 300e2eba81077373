import { containerdConfig, registryHosts } from "../../embedded/containerd.ts";
import { calicoKinds, calicoObjects } from "../../embedded/calico.ts";
import { conflist } from "../../embedded/cni.ts";
import { imageRecipes, layoutKey } from "../../embedded/images.ts";
import { clusterFacts, clusterIdOf, withFacts } from "../../embedded/kubeconfig.ts";
import { nodePlan } from "../../embedded/node.ts";
import { labCluster, nodeNamed } from "../../embedded/spec.ts";
import { corednsPatch, corefile } from "../../embedded/coredns.ts";
import { catalog } from "../../toolchain/catalog.ts";
import { versions } from "../../versions.ts";
import { clusterFactsSchema } from "../../components/cluster/facts.ts";

const spec = labCluster();

describe("nodePlan", () => {
  const plan = nodePlan(nodeNamed(spec, "qke-master"), "/cache/nodes/qke-master/root", "/cache", [], {
    tellsOfKernel: true,
    present: () => true,
  });

  test("a node sees the toolchain read-only, and writes to no folder of this machine", () => {
    const writable = plan.mounts.filter((m) => m.type === "bind" && m.readOnly !== true).map((m) => m.target);
    expect(writable).toEqual(["/dev"]);
    expect(plan.mounts.filter((m) => m.target.startsWith("/cache/"))).toEqual([
      { type: "bind", source: "/cache/tools", target: "/cache/tools", readOnly: true },
      { type: "bind", source: "/cache/bin", target: "/cache/bin", readOnly: true },
    ]);
  });

  test("its changes to /usr stay in its own folder", () => {
    expect(plan.mounts.find((m) => m.target === "/usr")).toEqual({
      type: "overlay",
      source: "overlay",
      target: "/usr",
      data: "lowerdir=/usr,upperdir=/cache/nodes/qke-master/changes/usr/upper,workdir=/cache/nodes/qke-master/changes/usr/work",
    });
  });

  test("the kubelet waits for kubeadm, and who tells of it for its login", () => {
    expect(plan.services.map((s) => [s.name, s.after])).toEqual([
      ["containerd", undefined],
      ["kubelet", "/var/lib/kubelet/config.yaml"],
      ["node-problem-detector", "/etc/kubernetes/kubelet.conf"],
    ]);
  });

  test("the kubelet and whatever is run there are of the node's own release first", () => {
    const [, kubelet] = plan.services;
    expect(kubelet?.command.at(-1)).toContain("exec /opt/kubernetes/bin/kubelet ");
    expect(kubelet?.env[0]).toMatch(/^PATH=\/opt\/kubernetes\/bin:\/cache\/bin:/);
  });
});

test("containers may not lower their oom_score_adj only where this machine forbids it", () => {
  expect(containerdConfig({ restrictOomScore: true })).toContain("restrict_oom_score_adj = true");
  expect(containerdConfig({ restrictOomScore: false })).toContain("restrict_oom_score_adj = false");
});

test("every registry is the mirror, with no way past it", () => {
  expect(registryHosts("172.20.20.254").match(/http:\/\/[^']+/g)).toEqual([
    "http://172.20.20.254:5000",
    "http://172.20.20.254:5000",
  ]);
});

test("pod addresses are kept across nodes, and forgotten with the node", () => {
  expect(conflist("qke-master", "10.42.3.0/24")).toMatchObject({
    plugins: [
      {
        type: "calico",
        nodename: "qke-master",
        ipam: { ranges: [[{ subnet: "10.42.3.0/24" }]], dataDir: expect.stringMatching(/^\/run\//) as unknown },
      },
      { type: "portmap" },
    ],
  });
});

test("a pod waits until Calico guards it, by a word that ends with the node", () => {
  expect(conflist("qke-master", "10.42.3.0/24")).toMatchObject({
    plugins: [{ policy_setup_timeout_seconds: 60, endpoint_status_dir: "/run/calico/endpoint-status" }, {}],
  });
  const agent = JSON.stringify(
    calicoObjects(spec).find((object) => "spec" in object && JSON.stringify(object).includes("FELIX_")),
  );
  expect(agent).toContain('{"name":"FELIX_ENDPOINTSTATUSPATHPREFIX","value":"/run/calico"}');
  expect(agent).toContain('{"name":"run","mountPath":"/run/calico"}');
  expect(agent).toContain('"hostPath":{"path":"/run/calico","type":"DirectoryOrCreate"}');
});

test("Calico's agent needs no kube-proxy to find the API server", () => {
  expect(JSON.stringify(calicoObjects(spec))).toContain(
    `{"name":"KUBERNETES_SERVICE_HOST","value":"${spec.apiAddress}"}`,
  );
});

test("CoreDNS asks nobody outside, and imports the settings of others where its Deployment has them", () => {
  expect(corefile()).not.toContain("forward");
  expect([...corefile().matchAll(/import (\S+)$/gm)].map(([, file]) => file)).toEqual([
    "/etc/coredns/custom/*.override",
    "/etc/coredns/custom/*.server",
  ]);
  expect(corednsPatch()).toEqual({
    spec: {
      template: {
        spec: {
          containers: [
            { name: "coredns", volumeMounts: [{ name: "custom", mountPath: "/etc/coredns/custom", readOnly: true }] },
          ],
          volumes: [{ name: "custom", configMap: { name: "coredns-custom", optional: true } }],
        },
      },
    },
  });
});

test("Calico has every kind that its agent and its plugin may read", () => {
  const defined = calicoKinds().map((kind) => (kind as { spec: { names: { plural: string } } }).spec.names.plural);
  const readable = calicoObjects(spec).flatMap((object) =>
    ((object as { rules?: { apiGroups: string[]; resources: string[] }[] }).rules ?? [])
      .filter(({ apiGroups }) => apiGroups.includes("crd.projectcalico.org"))
      .flatMap(({ resources }) => resources),
  );
  expect([...new Set(readable)].sort()).toEqual([...defined].sort());
});

describe("images", () => {
  const filters = {
    kubeProxy: { "/usr/sbin/nft": "/usr/sbin/nft" },
    calico: { "/usr/sbin/ipset": "/usr/sbin/ipset" },
    proxy: { "/usr/sbin/iptables": "/usr/sbin/iptables" },
  };

  const recipes = imageRecipes((name) => `/tools/${name}`, [versions.kubernetes], filters);

  test("there is one for each image that the cluster and the sample backend name", () => {
    const { externalDns, grafana, ...ours } = versions.images; // in a cloud alone, and in no registry of modules
    expect(recipes.map((r) => r.name).sort()).toEqual(Object.values(ours).sort());
    for (const other of [externalDns, grafana]) expect(recipes.map((r) => r.name)).not.toContain(other);
  });

  test("cert-manager's carry the version of what is built, and its CRDs are of the same", () => {
    const own = catalog.filter(({ name }) => name.startsWith("cert-manager-"));
    const images = Object.values(versions.images).filter((image) => image.includes("/cert-manager-"));
    expect(own.map(({ version }) => `v${version}`)).toEqual(own.map(() => images[0]?.split(":")[1]));
    expect(images.map((image) => image.split(/[/:]/)[2]).sort()).toEqual(
      own.flatMap(({ name, manifests }) => (manifests === undefined ? [name] : [])).sort(),
    );
  });

  test("the mesh's images and the definitions of its kinds are of the release that is built", () => {
    const own = catalog.filter(
      ({ module, name }) => module === "istio" && !["envoy", "gateway-api-crds"].includes(name),
    );
    expect(own.map(({ version }) => version)).toEqual(own.map(() => versions.istio));
    expect([versions.images.istioPilot, versions.images.istioProxy]).toEqual([
      `docker.io/istio/pilot:${versions.istio}`,
      `docker.io/istio/proxyv2:${versions.istio}`,
    ]);
  });

  test("the proxy's image holds what the agent looks for, where it looks", () => {
    expect(recipes.find(({ name }) => name === versions.images.istioProxy)).toMatchObject({
      files: {
        "/usr/local/bin/envoy": "/tools/envoy",
        "/usr/local/bin/pilot-agent": "/tools/pilot-agent",
        "/var/lib/istio/envoy/envoy_bootstrap_tmpl.json": "/tools/envoy-bootstrap",
        ...filters.proxy,
      },
      entrypoint: ["/usr/local/bin/pilot-agent"],
      user: "1337:1337",
    });
  });

  test("two releases of Kubernetes are beside each other, each with its own programs and kubeadm's pause", () => {
    const both = imageRecipes((name) => `/tools/${name}`, ["v1.35.4", versions.kubernetes], filters);
    const added = both.filter(({ name }) => !recipes.some((recipe) => recipe.name === name));
    expect(added.map(({ name, files }) => [name, Object.values(files)[0]])).toEqual([
      ["registry.k8s.io/kube-apiserver:v1.35.4", "/tools/kube-apiserver-previous"],
      ["registry.k8s.io/kube-controller-manager:v1.35.4", "/tools/kube-controller-manager-previous"],
      ["registry.k8s.io/kube-scheduler:v1.35.4", "/tools/kube-scheduler-previous"],
      ["registry.k8s.io/kube-proxy:v1.35.4", "/tools/kube-proxy-previous"],
      ["registry.k8s.io/pause:3.10.1", "/tools/pause"],
    ]);
    expect(new Set(both.map(({ name }) => name)).size).toBe(both.length);
  });

  test("another build of one tool is another set of images", () => {
    const newer = (name: string) => (name === "coredns" ? "/tools/newer" : `/tools/${name}`);
    const other = imageRecipes(newer, [versions.kubernetes], filters);
    expect(layoutKey(other)).not.toBe(layoutKey(recipes));
  });
});

describe("kubeconfig", () => {
  const admin = JSON.stringify({
    clusters: [{ name: "kubernetes", cluster: { server: "https://172.20.20.100:6443" } }],
    users: [{ name: "admin", user: { "client-key-data": "KEY" } }],
  });
  const facts = clusterFacts(spec, "11111111-2222-3333-4444-555555555555", "nodes", "https://172.20.20.100:6443");

  test("carries the facts that the program reads", () => {
    expect(clusterFactsSchema.parse(facts)).toEqual(facts);
    const text = withFacts(admin, "lab", facts);
    expect(clusterIdOf(text)).toBe(facts.id);
    expect(text).toContain("current-context: quintet-lab");
  });

  test("has no identity before the facts are in it", () => {
    expect(clusterIdOf(withFacts(admin, "lab", undefined))).toBeUndefined();
  });
});
