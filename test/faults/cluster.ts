/** Faults of machines, the mesh, etcd and secrets. */
import type { Proof, Row } from "./row.ts";

const k3s = (name: string): Proof => ["e2e/k3s.e2e.ts", name];
const restore = (name: string): Proof => ["e2e/platform/restore.ts", name];
const backup = (name: string): Proof => ["e2e/backup.e2e.ts", name];
const drill = (name: string): Proof => ["e2e/drill.e2e.ts", name];
const anywhere = k3s(
  "ends in the same state wherever the operator's machine dies and nodes restart, and installs nothing twice",
);
const standIn = "k3s itself is played by a stand-in that refuses what k3s refuses";

/** F10 to F16: machines over SSH. */
export const machineFaults: readonly Row[] = [
  {
    id: "F10",
    fault: "a wrong SSH key",
    here: "The machine and the user are named, and no password is tried.",
    kind: "unit",
    proofs: [["ssh/client.test.ts", "is the only way in: no password is tried, nor asked for"]],
  },
  {
    id: "F11",
    fault: "a host key that has changed",
    here: "Both fingerprints are said, and nothing is sent, on any machine.",
    kind: "simulated",
    proofs: [
      k3s("sends nothing to a machine with another host key"),
      [
        "ssh/client.test.ts",
        "another one is refused by its fingerprint, and the server is shown no key and no command",
      ],
    ],
  },
  {
    id: "F12",
    fault: "a node is unreachable, or dies in the middle of its installation",
    here: "Every dial and command has a deadline of its own; a run after that goes on where it was.",
    kind: "simulated",
    proofs: [anywhere, ["ssh/client.test.ts", "says nothing: the deadline is kept"]],
    missing: standIn,
  },
  {
    id: "F13",
    fault: "a remote script fails half-way and runs again",
    here: "It ends in the same state, and installs nothing twice.",
    kind: "simulated",
    proofs: [
      anywhere,
      [
        "components/cluster/k3s/scripts.test.ts",
        "is the same when it is laid down again, and loses what is not wanted any more",
      ],
    ],
    missing: standIn,
  },
  {
    id: "F14",
    fault: "a node is rebooted during its installation",
    here: "The next run takes it up.",
    kind: "simulated",
    proofs: [anywhere],
    missing: standIn,
  },
  {
    id: "F15",
    fault: "a download is blocked, or its checksum is wrong",
    here: "A binary with another checksum is refused before it can run; a host that refuses or never answers costs one wait.",
    kind: "simulated",
    proofs: [
      k3s("refuses a binary with another checksum before it can run"),
      ["toolchain/download.test.ts", "a host that never answers costs one wait, and everything is built"],
    ],
  },
  {
    id: "F16",
    fault: "a server's token is not the cluster's at a join",
    here: "The token is changed in the cluster first and then node by node, so that none starts with another one.",
    kind: "simulated",
    proofs: [k3s("rotates the token: in the cluster first, then node by node")],
    missing: standIn,
  },
];

/** F22 to F24, F26 and F27: what runs in the cluster. */
export const meshFaults: readonly Row[] = [
  {
    id: "F22",
    fault: "istiod is down, and a pod is to be injected",
    here: "No pod of the mesh's namespaces is made without a sidecar: the webhook fails closed.",
    kind: "unit",
    proofs: [
      ["components/istio-plan.test.ts", "lets no pod of theirs start without a sidecar, unless the pod says so itself"],
    ],
    missing: "no test takes istiod down on live nodes",
  },
  {
    id: "F23",
    fault: "workloads start before istiod is ready",
    here: "Pods without a sidecar are found and restarted by `npm run up` and `npm run mesh -- restart`.",
    kind: "embedded",
    proofs: [
      ["e2e/mesh.e2e.ts", "a whole cluster that was stopped comes back, with every sidecar"],
      ["scripts/mesh-stale.test.ts", "a pod without a sidecar is found by its Deployment, with the others of it"],
    ],
  },
  {
    id: "F24",
    fault: "istiod is down, and configuration is to be validated",
    here: "It fails closed from the beginning, and is asked only once istiod has its certificate in place.",
    kind: "unit",
    proofs: [
      [
        "components/istio-plan.test.ts",
        "is asked about each object by one configuration, and refuses when it cannot answer",
      ],
    ],
    missing: "no test takes istiod down on live nodes",
  },
  {
    id: "F26",
    fault: "pods start before their NetworkPolicies are enforced",
    here: "A pod does not start before Calico guards it.",
    kind: "embedded",
    proofs: [["e2e/platform/connectivity.ts", "a new pod is open to declared callers at once, and never to others"]],
  },
  {
    id: "F27",
    fault: "one node is lost",
    here: "The API server's address moves, requests go on, and everything is whole once the node is back.",
    kind: "embedded",
    proofs: [
      [
        "e2e/platform/faults.ts",
        "the node that holds the API address is lost and comes back: the API and the backend go on",
      ],
    ],
  },
];

/** F28 to F36: etcd, its backups, certificates and secrets. */
export const dataFaults: readonly Row[] = [
  {
    id: "F28",
    fault: "one member of etcd is lost",
    here: "The others go on, and one command takes it out and joins it anew.",
    kind: "embedded",
    proofs: [restore("one member is lost with its data, and joins anew")],
  },
  {
    id: "F29",
    fault: "the quorum of etcd is lost, with all data",
    here: "One command brings the snapshot back, with new member identities and revisions that no watcher has seen.",
    kind: "embedded",
    proofs: [
      restore(
        "the quorum is lost with all data: one command, and the cluster serves again with every write of the snapshot",
      ),
      drill("three members, all data wiped: the snapshot brings back every write before it, and no watcher is misled"),
    ],
  },
  {
    id: "F30",
    fault: "a restore to new hosts, from another version, or without the key",
    here: "The cluster, the key, the version and the certificates are compared before anything is touched, and each misfit has its sentence.",
    kind: "embedded",
    proofs: [
      backup("a wrong key, a changed byte, a cut and another cluster are each refused by a sentence of their own"),
      ["embedded/restore.test.ts", "keys of another time are told for each node"],
      ["e2e/fresh.e2e.ts", "a cluster that is gone comes back on new nodes with every object of its snapshot"],
    ],
  },
  {
    id: "F31",
    fault: "a snapshot that is damaged or was changed",
    here: "It is refused by its own hash and by its encryption, and a drill turns red by that reason.",
    kind: "simulated",
    proofs: [
      drill("one byte that is flipped turns it red: changed"),
      drill("a bundle that is cut off turns it red: truncated"),
    ],
  },
  {
    id: "F32",
    fault: "the disk fills up during a snapshot",
    here: "Nothing that is not whole stays, the older ones stay, and the program ends with a code of its own.",
    kind: "simulated",
    proofs: [backup("a disk that fills up at any step leaves no file that is not whole")],
  },
  {
    id: "F33",
    fault: "S3's login has expired, or the bucket is denied",
    here: "The copy on the node is kept and said, and the next Job brings it there.",
    kind: "simulated",
    proofs: [backup("S3: denied and unreachable keep the copy here and say so; the next run brings what is missing")],
  },
  {
    id: "F34",
    fault: "retention removes the wrong ones, or none",
    here: "The oldest go first; the newest, another cluster's and strangers' files stay.",
    kind: "simulated",
    proofs: [backup("what is too old goes, oldest first; the newest, another cluster's and strangers' files stay")],
  },
  {
    id: "F35",
    fault: "certificates expire",
    here: "Servers' certificates are renewed with nobody noticing; those of k3s by one command, node by node.",
    kind: "embedded",
    proofs: [
      [
        "e2e/platform/certificates.ts",
        "a certificate is renewed with a new key, and its Secret is good at every moment",
      ],
      k3s("renews the certificates of one node after the other"),
      [
        "e2e/upgrade.e2e.ts",
        "certificates are told, renewed one node after the other, and the cluster works with the new ones",
      ],
    ],
    missing: "no clock is put forward",
  },
  {
    id: "F36",
    fault: "a secret in plain text in state, outputs, logs, diffs, events or process lists",
    here: "Planted secrets are looked for in all of these, and are nowhere.",
    kind: "embedded",
    proofs: [
      ["e2e/platform/secrets.ts", "twelve planted secrets show nowhere"],
      ["e2e/platform/secrets.ts", "the exported state holds no credential in the clear"],
      k3s("shows no secret in commands, state, logs, processes, or files that others than root can read"),
    ],
  },
];
