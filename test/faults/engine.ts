/** Faults of the engine, its state and its way to the cluster. */
import type { Proof, Row } from "./row.ts";

const cutOff = (name: string): Proof => ["e2e/faults/cut-off.ts", name];
const locks = (name: string): Proof => ["e2e/faults/locks.ts", name];
const files = (name: string): Proof => ["e2e/faults/state-files.ts", name];
const together = "a second up is refused by who is at work, and a preview is not";

/** F1 to F9. */
export const engineFaults: readonly Row[] = [
  {
    id: "F1",
    fault: "SIGINT in the middle of `up`",
    here: "The engine ends what is under way and records it; a second Ctrl-C ends it at once; the next `up` goes on.",
    kind: "simulated",
    proofs: [
      cutOff("SIGINT in the middle: what is under way is recorded, and the next up goes on"),
      ["scripts/engine-process.test.ts", "a Ctrl-C that arrives twice is handed on once, and a later one again"],
    ],
  },
  {
    id: "F2",
    fault: "`kill -9` in the middle of `up`",
    here: "The next `up` removes the dead engine's lock and plugins, looks for each object that was begun, takes over what is there under its own field manager, and makes the rest. What was begun in a cloud is asked for, with the two commands that answer.",
    kind: "simulated",
    proofs: [
      cutOff(
        "killed at each resource of the smallest stack, the next up makes it whole, with no duplicate and no orphan",
      ),
      [
        "scripts/pending.test.ts",
        "is in the state as the engine would have it, and is looked at again before it counts as ready",
      ],
    ],
  },
  {
    id: "F3",
    fault: "a second `up` at the same time",
    here: "It is refused by the process, user and host that are at work, since when, and what to type.",
    kind: "simulated",
    proofs: [locks(together)],
  },
  {
    id: "F4",
    fault: "a lock that nobody holds",
    here: "A lock of a process of this machine that is gone is removed, and said; one of another host is refused with `npm run unlock`.",
    kind: "simulated",
    proofs: [
      locks("the lock of an engine that was killed is removed, and said"),
      locks("a lock of another host is never removed unasked"),
      [
        "scripts/engine-lock.test.ts",
        "when a process began is what the wall clock says, and nothing of one that has ended",
      ],
    ],
  },
  {
    id: "F5",
    fault: "a preview while the stack is locked",
    here: "It goes on, and says that a run is under way.",
    kind: "simulated",
    proofs: [locks(together)],
  },
  {
    id: "F6",
    fault: "the state is cut off, empty or garbage",
    here: "It is recognised before the engine is called; the copy of the last run takes its place when no run has begun since, and else a human chooses with `npm run state`.",
    kind: "simulated",
    proofs: [
      files("a state that is cut off, empty or garbage is recognised, and the copy of the last run takes its place"),
      files("without a whole copy nothing is done, and after a run that was cut off a human chooses the copy"),
      ["scripts/state-copies.test.ts", "cut off anywhere is never whole"],
    ],
  },
  {
    id: "F7",
    fault: "credentials of the backend expire in the middle of a run",
    here: "The engine fails to save and keeps its lock; `npm run unlock` with new ones, and the next `up` takes over what was made since.",
    kind: "simulated",
    proofs: [
      [
        "e2e/faults/expired.ts",
        "credentials of a shared backend that end in a run: the next one, with new ones, makes it whole",
      ],
    ],
  },
  {
    id: "F8",
    fault: "the disk is full when the state is written",
    here: "The old state stays whole, the full disk is named, and the next `up` takes over what was made meanwhile.",
    kind: "simulated",
    proofs: [files("a disk that is full when the state is written keeps the old state, and the next up converges")],
  },
  {
    id: "F9",
    fault: "the passphrase is wrong, or is not there",
    here: "It is said which variable or file does not hold it, and nothing is changed; a lost one is never made anew over a state that needs it.",
    kind: "simulated",
    proofs: [
      files("a wrong passphrase, and none, change nothing"),
      ["scripts/preview-stack.test.ts", "is refused without $lacks"],
    ],
  },
];

/** F17 to F21 and F25. */
export const apiFaults: readonly Row[] = [
  {
    id: "F17",
    fault: "the API server is unreachable at a refresh or an update",
    here: "The run ends by a sentence within 110 s, nothing counts as deleted, and the next `up` converges.",
    kind: "simulated",
    proofs: [
      [
        "e2e/faults/api-server.ts",
        "the API server goes in the middle of an up: it ends by a sentence, and the next up converges",
      ],
      ["e2e/faults/api-server.ts", "without an API server, refresh, up and destroy keep all of the state"],
    ],
  },
  {
    id: "F18",
    fault: "the kubeconfig leads to another cluster",
    here: "It is refused with both ids before anything is registered.",
    kind: "simulated",
    proofs: [
      [
        "e2e/faults/other-cluster.ts",
        "another cluster under the same name is refused by its id, and nothing is changed in it",
      ],
      ["components/cluster/deployed.test.ts", "another cluster is refused, with both ids and every way out"],
    ],
  },
  {
    id: "F19",
    fault: "a kind is used before its definition is registered",
    here: "Definitions are resources of their own that wait until they are Established, and what uses them comes after.",
    kind: "embedded",
    proofs: [
      ["components/definitions.test.ts", "every kind is made as it is planned, and is there to come after"],
      ["e2e/platform/start.ts", "npm run up: five nodes, and the backend answers"],
    ],
  },
  {
    id: "F20",
    fault: "a namespace is stuck on a finalizer at destroy",
    here: "What keeps it is said by name with its finalizers and what to type, and the engine is stopped within 110 s; nobody's finalizer is ever removed.",
    kind: "simulated",
    proofs: [
      [
        "e2e/faults/blocked.ts",
        "an object that is never let go ends destroy within its deadline, by its name and what keeps it",
      ],
      ["scripts/stuck.test.ts", "what keeps it is said by its name and finalizers, with what to type"],
    ],
    missing: "on clusters that are not embedded the engine's own ten minutes hold",
  },
  {
    id: "F21",
    fault: "an operator and its webhook are deleted before its objects",
    here: "Objects go first, then the webhook, the programs and the kinds, and each step waits for the one before.",
    kind: "embedded",
    proofs: [
      [
        "components/certificates.test.ts",
        "is taken down from the signers over the webhook and the programs to the kinds, and each step waits",
      ],
      ["e2e/platform/teardown.ts", "destroy removes the platform and leaves the cluster"],
    ],
  },
  {
    id: "F25",
    fault: "a policy webhook is down",
    here: "Rules of our own run in the engine and have no webhook; a fail-closed webhook of somebody else's ends `up` at once by its name and its Service.",
    kind: "simulated",
    proofs: [
      [
        "e2e/faults/blocked.ts",
        "a fail-closed webhook without a server ends up by its name, and up goes on once it is gone",
      ],
      ["scripts/stuck.test.ts", "is told by its name, its configuration and its Service"],
    ],
  },
];
