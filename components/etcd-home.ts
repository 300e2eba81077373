/** Where the nodes of a control plane keep etcd, by what has set them up. No Pulumi here. */
import type { ClusterFacts } from "./cluster/facts.ts";

/** Where one node keeps etcd and what a restore needs with it, as paths on the node. */
export interface EtcdHome {
  /** The certificate of etcd's authority. */
  readonly authority: string;
  /** The certificate and the key that etcd knows a client by, without `.crt` and `.key`. */
  readonly client: string;
  /** The folder of etcd's data. */
  readonly data: string;
  /** What a snapshot carries beside the database, by its name in the bundle's folder `pki`; "" is the folder itself. */
  readonly kept: Readonly<Record<string, { readonly path: string; readonly type: "Directory" | "File" }>>;
}

const kubeadm = "/etc/kubernetes/pki";
const k3s = "/var/lib/rancher/k3s/server";

const homes = {
  kubeadm: {
    authority: `${kubeadm}/etcd/ca.crt`,
    client: `${kubeadm}/etcd/healthcheck-client`,
    data: "/var/lib/etcd",
    kept: { "": { path: kubeadm, type: "Directory" } },
  },
  // docs.k3s.io/datastore/backup-restore: the authorities lie in the database, encrypted with the token. The folder `cred`
  // has the key that Secrets are encrypted with, so that a drill can read them.
  k3s: {
    authority: `${k3s}/tls/etcd/server-ca.crt`,
    client: `${k3s}/tls/etcd/client`,
    data: `${k3s}/db/etcd`,
    kept: {
      tls: { path: `${k3s}/tls`, type: "Directory" },
      cred: { path: `${k3s}/cred`, type: "Directory" },
      token: { path: `${k3s}/token`, type: "File" },
    },
  },
} as const satisfies Record<NonNullable<ClusterFacts["etcdHome"]>, EtcdHome>;

/** Where the nodes of a cluster keep etcd. */
export const etcdHomeOf = ({ etcdHome = "kubeadm" }: Pick<ClusterFacts, "etcdHome">): EtcdHome => homes[etcdHome];
