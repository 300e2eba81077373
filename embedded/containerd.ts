/** The configuration of a node's containerd. */
import { versions } from "../versions.ts";
import { mirrorPort } from "./mirror.ts";

/** Where containerd listens inside a node; the kubelet and kubeadm look there by default. */
export const containerdSocket = "/run/containerd/containerd.sock";

/**
 * containerd's config.toml (version 3).
 *
 * `restrictOomScore`: containers may not lower their oom_score_adj below that of containerd, for machines where that is
 * not permitted; every sandbox would fail to start.
 */
export function containerdConfig({ restrictOomScore }: { restrictOomScore: boolean }): string {
  return `version = 3

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = '${versions.images.pause}'

[plugins.'io.containerd.cri.v1.images'.registry]
config_path = '/etc/containerd/certs.d'

[plugins.'io.containerd.cri.v1.runtime']
restrict_oom_score_adj = ${String(restrictOomScore)}
# How often each pod is asked what it uses. containerd's own second is much for five nodes on one machine.
stats_collect_period = '10s'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
SystemdCgroup = false
`;
}

/** hosts.toml for every registry: the mirror on this machine, and nothing else, because a node has no way out. */
export function registryHosts(hostAddress: string): string {
  const mirror = `http://${hostAddress}:${String(mirrorPort)}`;
  return `server = '${mirror}'

[host.'${mirror}']
capabilities = ['pull', 'resolve']
`;
}
