/**
 * What a restore does to the control-plane nodes of a kubeadm cluster, command by command: as somebody would type it on the
 * nodes (docs/operations.md), and as backup/reset.ts runs it.
 */

/** A control-plane node with its member of etcd. */
export interface Member {
  readonly name: string;
  /** IPv4. */
  readonly address: string;
}

/** One thing that is done on one node. */
export type Step =
  | { readonly kind: "run"; readonly node: string; readonly script: string }
  /** Asked again and again until it succeeds. */
  | { readonly kind: "wait"; readonly node: string; readonly script: string; readonly what: string }
  /** The database out of the bundle, readable by root alone. */
  | { readonly kind: "copy"; readonly node: string; readonly to: string };

/** Steps that go on side by side, one list after the other on each node. The next phase starts when all have ended. */
export interface Phase {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** What a plan is made for. */
export interface Reset {
  readonly members: readonly Member[];
  /** When it is done, as `20261121T215900Z`: part of the names of what is kept aside. */
  readonly stamp: string;
}

/** How long a phase may take on a node, in milliseconds. */
export const phaseDeadline = 180_000;

/**
 * By how much revisions go up, so that no watcher takes the restored state for what it has seen already: more than a week
 * at 1,500 writes a second, as etcd's documentation on disaster recovery counts.
 */
export const bump = 1_000_000_000;

const manifests = "/etc/kubernetes/manifests";
/** Without a time in its name, so that a restore that was cut off finds it when it is run again. */
const stopped = "/etc/kubernetes/manifests-stopped";
/** Where kubeadm has a member keep its data. */
export const etcdData = "/var/lib/etcd";
const pki = "/etc/kubernetes/pki/etcd";
const processes = "etcd|kube-apiserver";
/** Seconds that etcd and the API server have to end by themselves: all that they had acknowledged is on disk. */
const grace = 10;

/** Where old data of etcd is kept. */
export const dataAside = (stamp: string): string => `${etcdData}-before-restore-${stamp}`;

const peer = ({ address }: Member): string => `https://${address}:2380`;
const initialCluster = (members: readonly Member[]): string =>
  members.map((member) => `${member.name}=${peer(member)}`).join(",");

/** etcdctl with the certificates of kubeadm's own health checks, on the node's own member. */
const etcdctl = [
  "etcdctl --endpoints=https://127.0.0.1:2379",
  `--cacert=${pki}/ca.crt --cert=${pki}/healthcheck-client.crt --key=${pki}/healthcheck-client.key`,
].join(" ");

/** Which static pods are stopped, or come back. */
type Pods = "etcd" | "kube-apiserver" | "*";

const takeAway = (pods: Pods): string =>
  `mkdir -p ${stopped} && for f in ${manifests}/${pods}.yaml; do if [ -e "$f" ]; then mv "$f" ${stopped}/; fi; done`;
const putBack = (pods: Pods): string =>
  `for f in ${stopped}/${pods}.yaml; do if [ -e "$f" ]; then mv "$f" ${manifests}/; fi; done`;
const ended = (names: string): string =>
  [
    `i=0; while pgrep -x '${names}' >/dev/null && [ $i -lt ${String(grace)} ]; do sleep 1; i=$((i+1)); done`,
    `pkill -KILL -x '${names}'; i=0`,
    `while pgrep -x '${names}' >/dev/null && [ $i -lt ${String(grace)} ]; do sleep 1; i=$((i+1)); done`,
    `! pgrep -x '${names}' >/dev/null`,
  ].join("; ");
const setAside = (stamp: string): string => `if [ -e ${etcdData} ]; then mv ${etcdData} ${dataAside(stamp)}; fi`;
/** A new kubelet knows of no crash to wait after. What looks after it, systemd or node-init, starts it again. */
const freshKubelet = "pkill -x kubelet; true";

/** Makes a member's data out of a database, with a new identity in a new cluster of etcd, and removes the database. */
export function restoreScript(database: string, members: readonly Member[], member: Member, token: string): string {
  return [
    `etcdutl snapshot restore ${database} --data-dir=${etcdData} --name=${member.name}`,
    `--initial-cluster=${initialCluster(members)} --initial-cluster-token=${token}`,
    `--initial-advertise-peer-urls=${peer(member)} --bump-revision=${String(bump)} --mark-compacted`,
    `&& rm ${database}`,
  ].join(" ");
}

/** All members lost, or all to go back: each gets the snapshot, with a new identity in a new cluster of etcd. */
export function planReset({ members, stamp }: Reset): Phase[] {
  const copy = `/var/lib/quintet/restore-${stamp}.db`;
  const each = (title: string, steps: (member: Member) => readonly Unplaced[]): Phase => ({
    title,
    steps: members.flatMap((member) => steps(member).map((step) => ({ ...step, node: member.name }))),
  });
  return [
    each("stop the control plane", () => [run(takeAway("*")), run(ended(processes))]),
    each("keep the old data aside, restore the snapshot", (member) => [
      run(setAside(stamp)),
      { kind: "copy", to: copy },
      run(restoreScript(copy, members, member, `restore-${stamp}`)),
    ]),
    each("start etcd", () => [
      run(`${freshKubelet}; ${putBack("etcd")}`),
      wait("its member of etcd to be healthy", `${etcdctl} endpoint health`),
    ]),
    each("start the API servers", ({ address }) => [
      run(putBack("kube-apiserver")),
      wait("its API server to be ready", apiReady(address)),
    ]),
    each("start everything else of the control plane", () => [run(`${putBack("*")}; rmdir ${stopped}`)]),
  ];
}

/** One member lost, with a quorum left: it is taken out, and joins anew without its data. */
export function planReplace({ members, stamp }: Reset, lost: string): Phase[] {
  const member = members.find(({ name }) => name === lost);
  const [helper] = members.filter(({ name }) => name !== lost);
  if (member === undefined || helper === undefined) {
    const names = members.map(({ name }) => name).join(", ");
    throw new Error(`No other member of etcd can stand in for "${lost}": the members are ${names}.`);
  }
  const on = (node: string, ...steps: readonly Unplaced[]): Step[] => steps.map((step) => ({ ...step, node }));
  const id = `${etcdctl} member list | awk -F ', ' '$4 == "${peer(member)}" {print $1}'`;
  const flags = [
    `-e '/--initial-cluster-state=/d' -e '/quintet.dev\\/joined:/d'`,
    // Another manifest is another pod: the kubelet has no crash of it to wait after.
    `-e 's|^\\( *\\)annotations:|&\\n\\1  quintet.dev/joined: ${stamp}|'`,
    `-e 's|^\\( *- --initial-cluster\\)=.*|\\1=${initialCluster(members)}\\n\\1-state=existing|'`,
  ];
  return [
    { title: `the members without ${lost}`, steps: on(helper.name, wait("a quorum", `${etcdctl} endpoint health`)) },
    { title: `stop etcd on ${lost}`, steps: on(lost, run(takeAway("etcd")), run(ended("etcd"))) },
    {
      title: `take ${lost} out of etcd`,
      steps: on(helper.name, run(`id=$(${id}); if [ -n "$id" ]; then ${etcdctl} member remove "$id"; fi`)),
    },
    {
      title: "keep its old data aside",
      steps: on(lost, run(setAside(stamp)), run(`sed -i ${flags.join(" ")} ${stopped}/etcd.yaml`)),
    },
    {
      title: `let ${lost} join anew`,
      // etcd takes a member only once it is sure that all others see each other, some seconds after the last change
      steps: on(
        helper.name,
        wait("etcd to take a member", `${etcdctl} member add ${lost} --peer-urls=${peer(member)}`),
      ),
    },
    {
      title: `start etcd on ${lost}`,
      steps: on(
        lost,
        run(`${putBack("etcd")}; rmdir ${stopped}`),
        wait("its member of etcd to be healthy", `${etcdctl} endpoint health`),
        wait("its API server to be ready", apiReady(member.address)),
      ),
    },
  ];
}

/** A step that is on no node yet. */
export type Unplaced = Step extends infer One ? (One extends Step ? Omit<One, "node"> : never) : never;

const run = (script: string): Unplaced => ({ kind: "run", script });
const wait = (what: string, script: string): Unplaced => ({ kind: "wait", what, script });
const apiReady = (address: string): string =>
  `kubectl --kubeconfig=/etc/kubernetes/admin.conf --server=https://${address}:6443 --request-timeout=5s get --raw=/readyz`;

/** A plan as the commands that somebody would type. */
export function planText(phases: readonly Phase[]): string {
  const line = (step: Step): string => {
    switch (step.kind) {
      case "run":
        return `  ${step.node}: ${step.script}`;
      case "wait":
        return `  ${step.node}: waits for ${step.what}: ${step.script}`;
      case "copy":
        return `  ${step.node}: gets the database as ${step.to}`;
    }
  };
  return phases.map(({ title, steps }, i) => [`${String(i + 1)}. ${title}`, ...steps.map(line)].join("\n")).join("\n");
}
