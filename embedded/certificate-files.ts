/** The certificates of a cluster, read from the files of its nodes. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";
import { type Certificate, expiryOf } from "./certificates.ts";
import { type ClusterSpec, type NodeSpec } from "./spec.ts";
import type { ClusterState } from "./state.ts";

const folders = ["/etc/kubernetes", "/etc/kubernetes/pki", "/etc/kubernetes/pki/etcd"];
const kubelets = ["/var/lib/kubelet/pki/kubelet-client-current.pem", "/var/lib/kubelet/pki/kubelet-server-current.pem"];

/** Every certificate of kubeadm, of the kubelets, and in the kubeconfigs, that of the user among them. */
export function readCertificates(spec: ClusterSpec, state: ClusterState): Certificate[] {
  const user = { node: "this machine", file: state.kubeconfig, from: state.kubeconfig };
  return [user, ...spec.nodes.flatMap((node) => filesOf(node, state))].flatMap(({ node, file, from }) => {
    const expires = expiryOf(file, readFileSync(from, "utf8"));
    return expires === undefined ? [] : [{ node, file, expires }];
  });
}

/** @returns each with its path on the node (`file`) and on this machine (`from`) */
function filesOf({ name }: NodeSpec, state: ClusterState) {
  const root = state.nodeRoot(name);
  const here = (file: string) => path.join(root, file);
  const kubeadm = folders
    .filter((folder) => existsSync(here(folder)))
    .flatMap((folder) => readdirSync(here(folder)).map((file) => path.join(folder, file)))
    .filter((file) => /\.(crt|conf)$/.test(file));
  const current = kubelets.flatMap((link) => {
    try {
      return [{ node: name, file: link, from: here(path.resolve(path.dirname(link), readlinkSync(here(link)))) }]; // on the node
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return []; // it has not asked for one yet
      throw error;
    }
  });
  return [...kubeadm.map((file) => ({ node: name, file, from: here(file) })), ...current];
}
