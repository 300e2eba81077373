/**
 * What a restore does to the servers of a k3s cluster, command by command: as docs.k3s.io/cli/etcd-snapshot says, and as
 * somebody would type it on the servers (docs/operations.md).
 */
import type { Phase, Step, Unplaced } from "./reset-plan.ts";

/** What a plan is made for. */
export interface K3sReset {
  /** The servers by name; the first one gets the snapshot, and the others join it. */
  readonly servers: readonly [string, ...string[]];
  /** When it is done, as `20261121T215900Z`: part of the names of what is kept aside. */
  readonly stamp: string;
}

const db = "/var/lib/rancher/k3s/server/db";
/** Where a server is told which other one it joins. k3s resets nothing while it is there. */
const entry = "/etc/rancher/k3s/config.yaml.d/10-entry.yaml";
/** Without a time in its name, so that a restore that was cut off finds it when it is run again. */
const entryAside = "/var/lib/quintet/k3s-entry-aside";

const takeEntryAway = `if [ -e ${entry} ]; then mv ${entry} ${entryAside}; fi`;
const putEntryBack = `if [ -e ${entryAside} ]; then mv ${entryAside} ${entry}; fi`;

const ready = "k3s kubectl get --raw=/readyz --request-timeout=5s";

/** All servers go back to a snapshot: the first one as the only member, and the others join it one after the other. */
export function planK3sReset({ servers, stamp }: K3sReset): Phase[] {
  const [first, ...others] = servers;
  const copy = `/var/lib/quintet/restore-${stamp}.db`;
  const on = (node: string, ...steps: readonly Unplaced[]): Step[] => steps.map((step) => ({ ...step, node }));
  const start = [
    run("systemctl start k3s"),
    { kind: "wait", what: "its API server to be ready", script: ready },
  ] as const satisfies readonly Unplaced[];
  return [
    {
      title: `save what ${first} has, if it answers`,
      steps: on(first, run(`if ${ready} >/dev/null 2>&1; then k3s etcd-snapshot save --name before-restore; fi`)),
    },
    {
      title: "stop k3s on every server; pods go on",
      steps: servers.flatMap((name) => on(name, run("systemctl stop k3s"))),
    },
    {
      title: `restore the snapshot on ${first}`,
      steps: on(
        first,
        { kind: "copy", to: copy },
        // A reset that was begun before has left a flag that stands in the way of another one.
        run(`${takeEntryAway}; rm -f ${db}/reset-flag; mkdir -p ${db}/etcd`),
        run(`k3s server --cluster-reset --cluster-reset-restore-path=${copy}`),
        run(`rm ${copy}; ${putEntryBack}`),
      ),
    },
    { title: `start k3s on ${first}`, steps: on(first, ...start) },
    // etcd takes one member after the other.
    ...others.map((name) => ({
      title: `let ${name} join anew`,
      steps: on(name, run(`if [ -e ${db} ]; then mv ${db} ${db}-before-restore-${stamp}; fi`), ...start),
    })),
  ];
}

const run = (script: string): Unplaced => ({ kind: "run", script });
