/**
 * The images that the embedded cluster builds for itself, under their upstream names: static binaries of the toolchain
 * alone in an image, for kube-proxy, Calico and the mesh's proxy with the packet filters of this machine and libraries.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { versions } from "../versions.ts";
import { findProgram, run } from "./run.ts";
import { cacheDir, type ToolName } from "../toolchain/index.ts";
import { type KubernetesProgram, programOf, type Release } from "./releases.ts";

/** One image; the counterpart of `recipe` in tools/quintet/mirror/build.go. */
export interface ImageRecipe {
  readonly name: string;
  /** Path in the image to path on this machine. */
  readonly files: Readonly<Record<string, string>>;
  /** Path in the image to the content of a small file. */
  readonly text?: Readonly<Record<string, string>>;
  readonly folders?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
}

/** How long a build may take, in milliseconds: it packs a gigabyte, beside whatever else the machine does. */
const buildDeadline = 10 * 60_000;

/** The programs of the toolchain that go into images, beside those of Kubernetes. */
export const imageTools = [
  "etcd",
  "etcdctl",
  "etcdutl",
  "etcd-backup",
  "pause",
  "coredns",
  "metrics-server",
  "calico-node",
  "kube-vip",
  "podinfo",
  "podcli",
  "cert-manager-controller",
  "cert-manager-webhook",
  "cert-manager-cainjector",
  "cert-manager-acmesolver",
  "pilot-discovery",
  "pilot-agent",
  "install-cni",
  "istio-cni",
  "envoy-bootstrap",
  "envoy",
  "prometheus",
  "alertmanager",
  "node_exporter",
  "blackbox_exporter",
  "kube-state-metrics",
  "loki",
  "otel-collector",
  "jaeger",
] as const;

const { images } = versions;

/**
 * What each image holds. The layout inside (paths, user, working directory, entry point) is that of the upstream image,
 * so that a manifest runs on either.
 *
 * @param tool path of a tool of the toolchain
 * @param releases those of Kubernetes, which there are two of while a cluster is upgraded
 * @param filters files of this machine's packet filters and their libraries, by who needs them: path in the image to
 * path on this machine
 */
export function imageRecipes(
  tool: (name: ToolName) => string,
  releases: readonly Release[],
  filters: Readonly<Record<"kubeProxy" | "calico" | "proxy", Readonly<Record<string, string>>>>,
): ImageRecipe[] {
  const bin = (...names: (typeof imageTools)[number][]) =>
    Object.fromEntries(names.map((n) => [`/usr/local/bin/${n}`, tool(n)]));
  return [
    ...releases.flatMap((release) => kubernetesRecipes(tool, release, filters.kubeProxy)),
    { name: images.etcd, files: bin("etcd", "etcdctl", "etcdutl") },
    { name: images.etcdBackup, files: bin("etcd-backup"), entrypoint: ["/usr/local/bin/etcd-backup"] },
    // kubeadm names one for each of its releases, and containerd the newest.
    ...[...new Set([images.pause, ...releases.map((release) => versions.kubernetesReleases[release].pause)])].map(
      (name) => ({ name, files: { "/pause": tool("pause") }, entrypoint: ["/pause"], user: "65535:65535" }),
    ),
    { name: images.coredns, files: { "/coredns": tool("coredns") }, entrypoint: ["/coredns"], user: "65532:65532" },
    {
      name: images.metricsServer,
      files: { "/metrics-server": tool("metrics-server") },
      folders: ["/tmp"],
      entrypoint: ["/metrics-server"],
      user: "65534:65534",
    },
    { name: images.calicoNode, files: { "/bin/calico-node": tool("calico-node"), ...filters.calico } },
    { name: images.kubeVip, files: { "/kube-vip": tool("kube-vip") }, entrypoint: ["/kube-vip"] },
    {
      name: images.podinfo,
      files: { "/home/app/podinfo": tool("podinfo"), "/usr/local/bin/podcli": tool("podcli") },
      text: {
        "/etc/passwd": "root:x:0:0::/root:/sbin/nologin\napp:x:100:101::/home/app:/sbin/nologin\n",
        "/etc/group": "root:x:0:\napp:x:101:\n",
      },
      command: ["./podinfo"],
      user: "app",
      workingDir: "/home/app",
    },
    ...(
      [
        ["prometheus", images.prometheus],
        ["alertmanager", images.alertmanager],
        ["node_exporter", images.nodeExporter],
        ["blackbox_exporter", images.blackboxExporter],
      ] as const
    ).map(([program, name]) => {
      const file = `/bin/${program}`;
      return { name, files: { [file]: tool(program) }, folders: ["/tmp"], entrypoint: [file], user: "65534:65534" };
    }),
    {
      name: images.loki,
      files: { "/usr/bin/loki": tool("loki") },
      folders: ["/tmp"],
      entrypoint: ["/usr/bin/loki"],
      user: "10001:10001",
    },
    {
      name: images.jaeger,
      files: { "/go/bin/all-in-one-linux": tool("jaeger") },
      folders: ["/tmp"],
      entrypoint: ["/go/bin/all-in-one-linux"],
      user: "10001:10001",
    },
    {
      name: images.otelCollector,
      files: { "/otelcol-contrib": tool("otel-collector") },
      folders: ["/tmp"],
      entrypoint: ["/otelcol-contrib"],
      user: "10001:10001",
    },
    {
      name: images.kubeStateMetrics,
      files: { "/kube-state-metrics": tool("kube-state-metrics") },
      entrypoint: ["/kube-state-metrics"],
      user: "65534:65534",
    },
    ...(
      [
        ["controller", images.certManagerController],
        ["webhook", images.certManagerWebhook],
        ["cainjector", images.certManagerCainjector],
        ["acmesolver", images.certManagerAcmesolver],
      ] as const
    ).map(([program, name]) => {
      const file = `/app/cmd/${program}/${program}`;
      return { name, files: { [file]: tool(`cert-manager-${program}`) }, entrypoint: [file], user: "65532:65532" };
    }),
    {
      name: images.istioPilot,
      files: bin("pilot-discovery"),
      folders: ["/tmp"],
      entrypoint: ["/usr/local/bin/pilot-discovery"],
      user: "1337:1337",
    },
    {
      name: images.istioCni,
      files: { ...bin("install-cni"), "/opt/cni/bin/istio-cni": tool("istio-cni") },
      folders: ["/tmp"],
      command: ["/usr/local/bin/install-cni"],
    },
    {
      name: images.istioProxy,
      files: {
        ...bin("pilot-agent", "envoy"),
        "/var/lib/istio/envoy/envoy_bootstrap_tmpl.json": tool("envoy-bootstrap"),
        ...filters.proxy,
      },
      folders: ["/tmp"],
      entrypoint: ["/usr/local/bin/pilot-agent"],
      user: "1337:1337",
    },
  ];
}

/**
 * The names of the protocols that a Service may have. Without them nft lists its maps by number, and a kube-proxy that
 * starts anew takes its own entries for leftovers and deletes them: no Service answers until the next one changes.
 */
const protocols = "tcp 6 TCP\nudp 17 UDP\nsctp 132 SCTP\n";

function kubernetesRecipes(
  tool: (name: ToolName) => string,
  release: Release,
  packetFilter: Readonly<Record<string, string>>,
): ImageRecipe[] {
  const { kubeApiserver, kubeControllerManager, kubeScheduler, kubeProxy } = versions.kubernetesReleases[release];
  const program = (name: KubernetesProgram) => ({
    [`/usr/local/bin/${name}`]: tool(programOf(release, name)),
  });
  return [
    { name: kubeApiserver, files: program("kube-apiserver") },
    { name: kubeControllerManager, files: program("kube-controller-manager") },
    { name: kubeScheduler, files: program("kube-scheduler") },
    { name: kubeProxy, files: { ...program("kube-proxy"), ...packetFilter }, text: { "/etc/protocols": protocols } },
  ];
}

/** Names one exact set of images. */
export function layoutKey(recipes: readonly ImageRecipe[]): string {
  // A tool's path changes with its version and build, so the recipes' text says all that the images depend on.
  return createHash("sha256").update(JSON.stringify(recipes)).digest("hex").slice(0, 16);
}

/**
 * Builds the images into an OCI layout in the cache, unless that very set is there.
 *
 * @returns the layout's folder
 */
export async function buildImages(tool: (name: ToolName) => string, releases: readonly Release[]): Promise<string> {
  const recipes = imageRecipes(tool, releases, {
    kubeProxy: await programFiles(["nft"]),
    calico: await withModules(await programFiles([...iptables, "ipset", "conntrack"])),
    // Envoy is linked with the C library, and an injected pod's traffic is led to it by iptables.
    proxy: await withModules({ ...(await librariesOf(tool("envoy"))), ...(await programFiles([...iptables, "ip"])) }),
  });
  const layout = path.join(cacheDir(), "images", layoutKey(recipes));
  if (existsSync(layout)) {
    return layout;
  }
  const part = `${layout}.${String(process.pid)}.part`;
  mkdirSync(part, { recursive: true });
  try {
    writeFileSync(`${part}.json`, JSON.stringify(recipes));
    await run(tool("mirror"), ["build", "-layout", part, "-images", `${part}.json`], { timeout: buildDeadline });
    renameSync(part, layout);
  } finally {
    rmSync(part, { recursive: true, force: true });
    rmSync(`${part}.json`, { force: true });
  }
  return layout;
}

const iptables = ["iptables", "ip6tables"].flatMap((name) => [name, `${name}-nft-save`, `${name}-nft-restore`]);

/** The same with the modules that iptables loads while it runs. */
async function withModules(files: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const library = Object.values(files).find((file) => path.basename(file).startsWith("libxtables.so"));
  if (library === undefined)
    throw new Error("iptables on this machine is not linked with libxtables, as images of the cluster need it.");
  const folder = path.join(path.dirname(realpathSync(library)), "xtables");
  const modules = (await readdir(folder)).filter((name) => name.endsWith(".so"));
  return { ...files, ...Object.fromEntries(modules.map((name) => [path.join(folder, name), path.join(folder, name)])) };
}

/** Programs of this machine and the libraries that they are linked with, at the paths where they are looked for. */
async function programFiles(names: readonly string[]): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of names) {
    const program = findProgram(name);
    if (program === undefined) {
      throw new Error(
        `${name} is not on this machine, and an image of the cluster needs it: run \`npm run up\`, which installs it.`,
      );
    }
    Object.assign(files, { [`/usr/sbin/${name}`]: program }, await librariesOf(program));
  }
  return files;
}

/** The libraries that a program is linked with, at the paths where they are looked for. */
async function librariesOf(program: string): Promise<Record<string, string>> {
  const paths = (await run("ldd", [program]))
    .split("\n")
    .flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  return Object.fromEntries(paths.map((library) => [library, library]));
}
