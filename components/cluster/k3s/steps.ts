/** The commands that make a k3s cluster, by name and in order: data in, data out. No secret is in them. */
import { artifactPaths, generationsOf, membersOf, type Mirrors, type NodePlan, planK3s, stageScript } from "./plan.ts";
import type { K3sConfig, K3sNode } from "./schema.ts";
import { asRoot, nodeCommand, nodeHome, scriptText, withSettings } from "./scripts.ts";

interface Common {
  /** Its name in the cluster: what it does and, when it belongs to one node, that node's name. Never a place in a list. */
  readonly name: string;
  /** Where it is done. */
  readonly node: K3sNode;
  /** The names of the steps that must be done before. */
  readonly after: readonly string[];
}

/** A command on a node. Done again, it changes nothing that is as it should be. */
export interface Run extends Common {
  readonly kind: "run";
  readonly create: string;
  /**
   * What runs when any input differs. The hash of the content stands in this text and not in `triggers`: those replace the
   * resource, whatever `update` says, and a node that is replaced is uninstalled first.
   */
  readonly update: string;
  readonly delete?: string;
  /** What it reads: a text that anybody may see, or the token. */
  readonly stdin?: { readonly text: string } | "token";
  /** Whether what it prints is a secret. @default false */
  readonly prints?: "secret";
}

/** A file of the operator's machine that is put on a node. */
export interface Copy extends Common {
  readonly kind: "copy";
  readonly source: string;
  readonly target: string;
  /** Another machine gets another copy: its host key says which it is. */
  readonly triggers: readonly string[];
}

/** One resource of a k3s cluster. */
export type Step = Run | Copy;

/** The steps that belong to the whole cluster. */
export const clusterSteps = {
  bootstrap: "bootstrap",
  release: "release",
  members: "members",
  kubeconfig: "kubeconfig",
  id: "id",
} as const;

/**
 * The steps of a cluster, each after those it needs: every machine is checked before any is changed, the servers follow
 * one another, the agents come after them all at once, and what speaks for the cluster comes last.
 */
export function planSteps(config: K3sConfig, mirrors: Mirrors = {}): Step[] {
  const plan = planK3s(config, mirrors);
  const { user } = config.ssh;
  const [first] = plan.servers;
  const all = [...plan.servers, ...plan.agents];
  const checks = all.map((node) => check(node));
  const staged = new Map(all.map((plan) => [plan.node.name, stage(config, plan, namesOf(checks))]));
  // Its own files among them: otherwise they would go before it when it is taken out, and with them the way to do that.
  const installs = (plan: NodePlan, after: readonly string[]) =>
    install(user, plan, [...namesOf(staged.get(plan.node.name) ?? []), ...after]);
  const laidDown = [...staged.values()].flat();
  const bootstrap: Run = {
    kind: "run",
    name: clusterSteps.bootstrap,
    node: first.node,
    create: nodeCommand(user, "bootstrap"),
    // Never given twice, wherever the first server of the list may be by then.
    update: "true",
    after: namesOf(laidDown),
  };
  const release: Run = {
    ...onServer(config, oldestOf(plan.servers), "release", ["release"], [bootstrap.name]),
    create: "true", // nobody has joined yet
    stdin: { text: generationsOf(plan) },
  };
  const servers = plan.servers.map((node, index) => {
    const before = plan.servers[index - 1];
    return installs(node, [release.name, ...(before === undefined ? [] : [nodeStep(before.node)])]);
  });
  const agents = plan.agents.map((node) => installs(node, namesOf(servers)));
  const members = onServer(config, first, "members", ["members"], namesOf([...servers, ...agents]));
  return [
    ...checks,
    ...laidDown,
    bootstrap,
    release,
    ...servers,
    ...agents,
    { ...members, stdin: { text: membersOf(plan) } },
    // Its certificate is renewed with the server's.
    {
      ...onServer(config, first, "kubeconfig", ["kubeconfig", String(config.certificateGeneration)], [members.name]),
      prints: "secret",
    },
    onServer(config, first, "id", ["cluster-id"], [members.name]),
  ];
}

/** Says what is in the way on one machine, and changes nothing. */
const check = (plan: NodePlan): Run => ({
  kind: "run",
  name: `preflight-${plan.node.name}`,
  node: plan.node,
  create: "sh -s",
  update: "sh -s",
  stdin: { text: withSettings(plan.preflight, scriptText("preflight")) },
  after: [],
});

/** Lays down what a node is to hold, once every machine has been found fit. */
function stage({ ssh, source }: K3sConfig, plan: NodePlan, after: readonly string[]): Step[] {
  const { node } = plan;
  const command = asRoot(ssh.user, "sh -s");
  const files: Run = {
    kind: "run",
    name: `files-${node.name}`,
    node,
    create: command,
    update: command,
    delete: asRoot(ssh.user, `rm -rf ${nodeHome}`),
    stdin: { text: stageScript(plan) },
    after,
  };
  if (source.from === "download") return [files];
  const copies = (["binary", "images"] as const).map((role): Copy => ({
    kind: "copy",
    name: `${role}-${node.name}`,
    node,
    source: source[role],
    target: artifactPaths[role],
    triggers: [node.hostKey],
    after,
  }));
  return [files, ...copies];
}

/** Puts in force what was laid down, and takes k3s off the node in the end. */
const install = (user: string, plan: NodePlan, after: readonly string[]): Run => ({
  kind: "run",
  name: nodeStep(plan.node),
  node: plan.node,
  create: nodeCommand(user, "apply", plan.content),
  update: nodeCommand(user, "apply", plan.content),
  delete: nodeCommand(user, "remove"),
  stdin: "token",
  after,
});

function onServer(
  { ssh }: K3sConfig,
  { node }: NodePlan,
  name: keyof typeof clusterSteps,
  [script, ...args]: [Parameters<typeof nodeCommand>[1], ...string[]],
  after: readonly string[],
): Run {
  const command = nodeCommand(ssh.user, script, ...args);
  return { kind: "run", name, node, create: command, update: command, after };
}

/** A server that is not being made anew: what another one leaves behind is cleared away from there. */
const oldestOf = (servers: readonly [NodePlan, ...NodePlan[]]): NodePlan =>
  servers.reduce((oldest, server) => (server.node.generation < oldest.node.generation ? server : oldest));

const nodeStep = ({ name }: K3sNode) => `node-${name}`;

const namesOf = (steps: readonly Step[]): string[] => steps.map(({ name }) => name);
