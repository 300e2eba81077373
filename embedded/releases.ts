/** The Kubernetes releases that an embedded cluster can have, and whose programs a node runs. */
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { type ToolName, toolPath } from "../toolchain/index.ts";
import { versions } from "../versions.ts";
import type { ClusterSpec } from "./spec.ts";
import type { ClusterState } from "./state.ts";

/** What a release brings: `control-plane` and kube-proxy into images, the rest onto nodes. */
export const kubernetesPrograms = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kube-proxy",
  "kubelet",
  "kubeadm",
  "kubectl",
] as const;

/** One of {@link kubernetesPrograms}. */
export type KubernetesProgram = (typeof kubernetesPrograms)[number];

/** A release by its version, as `v1.36.3`. */
export type Release = keyof typeof versions.kubernetesReleases;

/** Every release, the oldest first. */
export const releases: readonly string[] = Object.keys(versions.kubernetesReleases);

/** Where a node looks for the programs of its own release first. */
export const programsFolder = "/opt/kubernetes/bin";

const onNodes = ["kubelet", "kubeadm", "kubectl"] as const satisfies readonly KubernetesProgram[];

/** Whether there are tools of that version. */
export const isRelease = (version: string): version is Release => releases.includes(version);

/** A release by its version. @throws with those that there are */
export function releaseNamed(version: string): Release {
  if (isRelease(version)) return version;
  throw new Error(`There are no tools of Kubernetes ${version} here. There are: ${releases.join(", ")}.`);
}

/** The tool that is a release's program. */
export function programOf(release: Release, program: KubernetesProgram): ToolName {
  return release === versions.kubernetes ? program : `${program}-previous`;
}

/** The tools of releases that no group of the toolchain has. */
export function extraTools(wanted: readonly Release[]): ToolName[] {
  const others = wanted.filter((release) => release !== versions.kubernetes);
  return others.flatMap((release) => kubernetesPrograms.map((program) => programOf(release, program)));
}

/** The release whose programs a node runs: the cluster's own, but for the time of an upgrade. */
export function nodeRelease(spec: ClusterSpec, node: string, state: ClusterState): Release {
  const kept = state.read(record(node)) as { release: string } | undefined; // placePrograms wrote it
  return releaseNamed(kept?.release ?? spec.kubernetesVersion);
}

/** The releases that the nodes of a cluster run, and what else is wanted. */
export function releasesOf(spec: ClusterSpec, state: ClusterState, ...more: readonly Release[]): Release[] {
  const all = [...spec.nodes.map(({ name }) => nodeRelease(spec, name, state)), ...more];
  return [...new Set(all)].sort();
}

/** Gives a node the programs of a release; what runs there goes on with the old ones until it starts anew. */
export function placePrograms(node: string, state: ClusterState, release: Release): void {
  const folder = path.join(state.nodeRoot(node), programsFolder);
  mkdirSync(folder, { recursive: true });
  for (const program of onNodes) {
    const link = path.join(folder, program);
    rmSync(link, { force: true });
    symlinkSync(toolPath(programOf(release, program)), link);
  }
  state.write(record(node), { release });
}

const record = (node: string): string => path.join("nodes", node, "kubernetes.json");
