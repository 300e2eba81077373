/**
 * The k3s cluster over real SSH: the component's own resources, run against five machines with a real sshd each, and a
 * stand-in for k3s that refuses what k3s refuses. `main.ts` runs this file in namespaces of its own.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { planK3sReset } from "../../backup/k3s-reset-plan.ts";
import { reachServers } from "../../backup/k3s-restore.ts";
import { carryOut } from "../../backup/reset.ts";
import { type K3sConfig, k3sSchema } from "../../components/cluster/k3s/schema.ts";
import { makeCanaries, searchFor } from "../lib/canaries.ts";
import { sshKeyPair } from "../lib/ssh-keys.ts";
import { deploy, type Outcome, type State, type Stop } from "../ssh/deployment.ts";
import {
  forgetK3s,
  k3sBinary,
  k3sChecksum,
  type K3sRecord,
  k3sRecords,
  type K3sState,
  k3sState,
  prepareK3s,
} from "../ssh/k3s.ts";
import { long } from "./long.ts";
import type { K3sProgramArgs, K3sProgramResult } from "../ssh/k3s-program.ts";
import { apiName, base, createLab, type Lab, type MachineName, nodeNames } from "../ssh/lab.ts";
import { type Sampler, sampleProcesses } from "../ssh/sampler.ts";

const servers: readonly MachineName[] = ["qke-master", "qke-worker-49-1", "qke-worker-181-1"];
const agents: readonly MachineName[] = ["qke-worker-49-2", "qke-worker-181-2"];
const [oldVersion, newVersion] = ["v1.36.3+k3s1", "v1.37.0+k3s1"];
const artifacts = join(base, "artifacts");

const [canaries, others] = [makeCanaries(), makeCanaries()];
const passphrase = canaries.sshPassphrase;
const key = sshKeyPair("ed25519", passphrase);
const secrets = { sshPrivateKey: key.private, sshPassphrase: passphrase, k3sToken: canaries.k3sToken };
const searches = [searchFor(secrets), searchFor({ k3sToken: others.k3sToken })];
const found = (value: unknown) => searches.flatMap((search) => search.find(value));

/** The value of `quintet:cluster`, and what the tests change in it. */
interface Cluster {
  readonly source: object;
  readonly version: string;
  readonly sha256: string;
  readonly certificateGeneration?: number;
  readonly ssh: object;
  readonly nodes: readonly { readonly name: MachineName; readonly hostKey: string }[];
}

let lab: Lab;
let sampler: Sampler;
/** The stack's state after the last deployment, and everything that came out of all of them. */
let state: State = {};
const outcomes: Outcome[] = [];

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const binaryOf = (version: string) => join(artifacts, version);

function clusterOf(version: string = oldVersion): Cluster {
  return {
    ...{ kind: "k3s", name: "qke", version, sha256: k3sChecksum(version), api: { host: apiName } },
    ...{ nodeCidr: "172.20.20.0/24", ssh: { user: "root" } },
    source: {
      from: "artifact",
      binary: binaryOf(version),
      images: join(artifacts, "images.tar"),
      imagesSha256: hashOf("images"),
    },
    nodes: nodeNames.map((name) => ({
      ...lab.machine(name),
      role: servers.includes(name) ? "server" : "agent",
      rack: name.split("-").slice(0, -1).join("-"),
    })),
  };
}

const withNode = (cluster: Cluster, name: MachineName, change: object): Cluster => ({
  ...cluster,
  nodes: cluster.nodes.map((node) => (node.name === name ? { ...node, ...change } : node)),
});

async function up(cluster: Cluster, token: string = secrets.k3sToken, stop?: Stop): Promise<Outcome> {
  const args: K3sProgramArgs = { cluster, privateKey: key.private, passphrase, token };
  const program = join(import.meta.dirname, "../ssh/k3s-program.ts");
  const outcome = await deploy({ program, args, state, ...(stop === undefined ? {} : { stop }) });
  state = outcome.state;
  outcomes.push(outcome);
  return outcome;
}

async function succeeds(cluster: Cluster, token?: string): Promise<Outcome> {
  const outcome = await up(cluster, token);
  const refused = of(k3sRecords(lab), "refused").map(({ node, reason }) => `${node}: ${reason ?? ""}`);
  assert.equal(outcome.error, undefined, `${outcome.error ?? ""}\n${refused.join("\n")}`);
  return outcome;
}

/** What the stand-ins wrote down during an action. */
async function during(action: () => Promise<unknown>): Promise<K3sRecord[]> {
  const already = k3sRecords(lab).length;
  await action();
  return k3sRecords(lab).slice(already);
}

const of = (records: readonly K3sRecord[], ...events: string[]) =>
  records.filter(({ event }) => events.includes(event));
const nodesOf = (records: readonly K3sRecord[], ...events: string[]) => of(records, ...events).map(({ node }) => node);

/** One node after the other: the next one starts when the last one is ready. */
function assertOneByOne(records: readonly K3sRecord[], names: readonly MachineName[]): void {
  const steps = of(records, "start", "ready").filter(({ node }) => names.includes(node as MachineName));
  assert.deepEqual(
    steps.map(({ node, event }) => `${event} ${node}`),
    names.flatMap((name) => [`start ${name}`, `ready ${name}`]),
  );
}

/** The hosts that commands of a deployment went to, pre-flight checks left out. */
const changedHosts = ({ commands }: Outcome) =>
  [...new Set(commands.filter(({ resource }) => !resource.includes("preflight")).map(({ host }) => host))].sort();

/** Empty machines of the same names, and a stack that knows nothing. */
async function startAnew(): Promise<void> {
  for (const name of nodeNames) await lab.replace(name);
  forgetK3s(lab.shared);
  state = {};
}

describe("k3s over SSH", () => {
  before(async () => {
    lab = await createLab({ authorizedKey: key.public, prepare: prepareK3s });
    mkdirSync(artifacts);
    for (const version of [oldVersion, newVersion]) writeFileSync(binaryOf(version), k3sBinary(version));
    writeFileSync(join(artifacts, "images.tar"), "images");
    sampler = sampleProcesses();
  });

  after(async () => {
    sampler.end();
    await lab.end();
  });

  const untouched = async () => {
    for (const name of nodeNames) {
      assert.equal(
        await lab.run(name, "ls -d /var/lib/quintet /etc/rancher /usr/local/bin/k3s 2>/dev/null || true"),
        "",
      );
    }
    assert.deepEqual(k3sRecords(lab), []);
  };

  it("refuses a machine that is not the one of its name, and one with too little memory, before any is changed", async () => {
    await lab.run("qke-worker-49-1", "hostname impostor");
    lab.setMemory("qke-worker-181-2", 256);
    await lab.reboot("qke-worker-181-2");
    await lab.run("qke-worker-49-2", ": >/run/clock-is-wrong");
    const { error = "", log } = await up(clusterOf());
    const said = [error, ...log].join("\n");
    assert.match(said, /qke-worker-49-1 \(172\.20\.20\.11\): calls itself impostor/);
    assert.match(said, /qke-worker-181-2 \(172\.20\.20\.52\): has 256 MiB of memory, its role agent needs \d+/);
    assert.match(said, /qke-worker-49-2 \(172\.20\.20\.12\): does not synchronize its clock/);
    await untouched();
    await lab.run("qke-worker-49-1", "hostname qke-worker-49-1");
    await lab.run("qke-worker-49-2", "rm /run/clock-is-wrong");
    lab.setMemory("qke-worker-181-2", 4096);
    await lab.reboot("qke-worker-181-2");
    state = {};
  });

  it("sends nothing to a machine with another host key", async () => {
    const accepted = () => lab.run("qke-worker-49-2", "grep -c Accepted /var/log/sshd.log || true");
    const before = await accepted();
    const { error = "" } = await up(withNode(clusterOf(), "qke-worker-49-2", { hostKey: lab.machine("jump").hostKey }));
    assert.match(
      error,
      /^The host key of root@172\.20\.20\.12:22 is not the configured one: expected SHA256:\S+, got SHA256:/,
    );
    assert.equal(await accepted(), before);
    await untouched();
    state = {};
  });

  it("refuses a binary with another checksum before it can run", async () => {
    writeFileSync(binaryOf(oldVersion), `${k3sBinary(oldVersion)}# tampered\n`);
    const { error = "" } = await up(clusterOf());
    assert.match(
      error,
      /qke-master: has got a binary with checksum [0-9a-f]{64}, but the configuration wants [0-9a-f]{64}/,
    );
    assert.deepEqual(k3sRecords(lab), []);
    assert.equal(await lab.run("qke-master", "ls /usr/local/bin/k3s /etc/rancher 2>/dev/null || true"), "");
    writeFileSync(binaryOf(oldVersion), k3sBinary(oldVersion));
  });

  let installed: K3sState;

  it("installs the servers one by one and then the agents, after the first has made the cluster", async () => {
    let outcome: Outcome | undefined;
    const records = await during(async () => (outcome = await succeeds(clusterOf())));
    assert.deepEqual(of(records, "refused"), []);
    assert.deepEqual(nodesOf(records, "initialised"), ["qke-master"]);
    assertOneByOne(records, servers);
    const lastServer = records.findIndex(({ node, event }) => event === "ready" && node === servers.at(-1));
    const started = records.slice(lastServer).filter(({ event }) => event === "start");
    assert.deepEqual(started.map(({ node }) => node).sort(), [...agents].sort());
    const { kubeconfig, id } = outcome?.result as K3sProgramResult; // what the program returns
    assert.match(kubeconfig, new RegExp(`server: https://${apiName}:6443`));
    assert.match(id, /^[0-9a-f-]{36}$/);
    installed = await k3sState(lab, nodeNames);
  });

  it("hardens every node as the CIS guide says, and keeps the token in files of root's own", async () => {
    for (const { node, config = {} } of of(k3sRecords(lab), "start")) {
      assert.equal(config["protect-kernel-defaults"], true, node);
      assert.equal(config["token-file"], "/etc/rancher/k3s/token");
      if (!servers.includes(node as MachineName)) continue;
      assert.equal(config["secrets-encryption"], true);
      assert.ok(config["disable-network-policy"] === false);
      const flags = (config["kube-apiserver-arg"] as string[]).join(" ");
      assert.match(flags, /NodeRestriction,EventRateLimit.*admission-control-config-file=\S+ audit-policy-file=\S+/);
    }
    for (const name of nodeNames) {
      assert.equal(await lab.run(name, "stat -c '%a %U' /etc/rancher/k3s/token"), "600 root");
      assert.equal(await lab.run(name, "cat /proc/sys/vm/overcommit_memory"), "1");
    }
  });

  it("runs nothing when nothing has changed", async () => {
    const records = await during(async () => {
      const { commands } = await succeeds(clusterOf());
      assert.deepEqual(commands, []);
    });
    assert.deepEqual(records, []);
  });

  it("goes through a jump host, to another port, as another user, and installs nothing again", async () => {
    const { hostKey, address } = lab.machine("jump");
    const ssh = { user: "quintet", port: 2222, jump: { host: address, user: "quintet", hostKey } };
    const records = await during(() => succeeds({ ...clusterOf(), ssh }));
    assert.deepEqual(of(records, "start", "refused"), []);
    for (const name of nodeNames) {
      assert.match(await lab.run(name, "cat /var/log/sshd.log"), /Accepted publickey for quintet from 172\.20\.20\.2 /);
    }
    assert.deepEqual(of(await during(() => succeeds(clusterOf())), "start", "refused"), []);
    assert.deepEqual(await k3sState(lab, nodeNames), installed);
  });

  it("upgrades the servers one by one after a snapshot each, then the agents, by another version in the data", async () => {
    const records = await during(() => succeeds(clusterOf(newVersion)));
    assert.deepEqual(of(records, "refused", "initialised", "joined"), []);
    assertOneByOne(records, servers);
    for (const name of servers) {
      const own = records.filter(({ node }) => node === name).map(({ event }) => event);
      assert.deepEqual(own.slice(0, 2), ["snapshot", "start"], name);
    }
    const started = of(records, "start");
    assert.ok(started.every(({ version }) => version === newVersion));
    assert.deepEqual(
      started
        .slice(servers.length)
        .map(({ node }) => node)
        .sort(),
      [...agents].sort(),
    );
  });

  it("rotates the token: in the cluster first, then node by node", async () => {
    const records = await during(() => succeeds(clusterOf(newVersion), others.k3sToken));
    assert.deepEqual(of(records, "refused", "initialised", "joined"), []);
    assert.equal(records[0]?.event, "token changed");
    assertOneByOne(records, servers);
    assert.deepEqual(nodesOf(records, "start").slice(servers.length).sort(), [...agents].sort());
  });

  it("renews the certificates of one node after the other", async () => {
    const records = await during(() =>
      succeeds({ ...clusterOf(newVersion), certificateGeneration: 1 }, others.k3sToken),
    );
    assert.deepEqual(of(records, "refused"), []);
    assertOneByOne(records, servers);
    assert.deepEqual(nodesOf(records, "certificates rotated").sort(), [...nodeNames].sort());
  });

  const renewed = () => ({ ...clusterOf(newVersion), certificateGeneration: 1 });
  const middle: MachineName = "qke-worker-49-2";

  it("takes out the node in the middle and touches no other", async () => {
    const without = { ...renewed(), nodes: renewed().nodes.filter(({ name }) => name !== middle) };
    const records = await during(async () => {
      const outcome = await succeeds(without, others.k3sToken);
      const first = lab.machine("qke-master").address;
      assert.deepEqual(changedHosts(outcome), [first, lab.machine(middle).address].sort());
      assert.ok(outcome.commands.every(({ resource, host }) => host !== first || /members|release/.test(resource)));
    });
    assert.deepEqual(of(records, "start", "refused"), []);
    assert.deepEqual(
      of(records, "drain", "delete node").map(({ event, target }) => `${event} ${String(target)}`),
      [`drain ${middle}`, `delete node ${middle}`],
    );
    const left =
      "ls -d /usr/local/bin/k3s /etc/rancher /var/lib/rancher/k3s /etc/systemd/system/k3s* 2>/dev/null || true";
    assert.equal((await lab.run(middle, left)).replace(/^\/etc\/rancher$/, ""), "");
  });

  it("adds a fresh machine of that name and touches no other", async () => {
    await lab.replace(middle);
    const records = await during(async () => {
      const outcome = await succeeds(renewed(), others.k3sToken);
      assert.deepEqual(changedHosts(outcome), [lab.machine("qke-master").address, lab.machine(middle).address].sort());
    });
    assert.deepEqual(nodesOf(records, "start", "joined"), [middle, middle]);
    assert.deepEqual(of(records, "refused"), []);
  });

  it("puts a fresh machine in the place of a dead server, of which nothing stays", async () => {
    await lab.replace("qke-worker-49-1");
    const { hostKey } = lab.machine("qke-worker-49-1");
    const records = await during(() =>
      succeeds(withNode(renewed(), "qke-worker-49-1", { generation: 1, hostKey }), others.k3sToken),
    );
    assert.deepEqual(of(records, "refused", "initialised", "rejoins"), []);
    assert.deepEqual(nodesOf(records, "start"), ["qke-worker-49-1"]);
  });

  it("makes a server that lives anew: it is drained, leaves, and joins without its data, and no other is touched", async () => {
    const { hostKey } = lab.machine("qke-worker-49-1");
    const cluster = withNode(renewed(), "qke-worker-49-1", { generation: 2, hostKey });
    const records = await during(() => succeeds(cluster, others.k3sToken));
    assert.deepEqual(of(records, "refused", "initialised", "rejoins"), []);
    assert.deepEqual(nodesOf(records, "start"), ["qke-worker-49-1"]);
    const leaving = records.filter(({ target }) => target === "qke-worker-49-1").map(({ event }) => event);
    assert.deepEqual(
      [...new Set(leaving)].filter((event) => event !== "cordon"),
      ["drain", "annotate", "delete node"],
    );
    assert.deepEqual((await succeeds(cluster, others.k3sToken)).commands, []);
  });

  describe("when its quorum is lost with all data, and a snapshot is there", () => {
    const settings = (): K3sConfig => k3sSchema.parse(renewed());
    const reached = (database: string, token = others.k3sToken) =>
      reachServers(settings(), { privateKey: key.private, passphrase, token }, database);
    const silent = { started: () => undefined, done: () => undefined };
    const plan = () => planK3sReset({ servers: servers as [MachineName, ...MachineName[]], stamp: "20261123T010000Z" });
    const entries = () =>
      Promise.all(servers.map((name) => lab.run(name, "cat /etc/rancher/k3s/config.yaml.d/10-entry.yaml")));

    /** As large and as sealed as k3s wants it; what is in it, the stand-in does not know. */
    const sealed = (name: string, end?: Buffer): string => {
      const content = Buffer.alloc(4096, name);
      const file = join(artifacts, name);
      writeFileSync(file, Buffer.concat([content, end ?? createHash("sha256").update(content).digest()]), {
        mode: 0o600,
      });
      return file;
    };

    before(async () => {
      await succeeds(renewed(), others.k3sToken);
      for (const name of servers.slice(1))
        await lab.run(name, "systemctl stop k3s; rm -rf /var/lib/rancher/k3s/server/db");
    });

    it("a snapshot that k3s refuses ends the restore at that step, and the same restore goes on with a sound one", async () => {
      const entered = await entries();
      using wrong = await reached(sealed("cut.db", Buffer.alloc(32)));
      await assert.rejects(
        carryOut(plan(), wrong, silent),
        /The step "restore the snapshot on qke-master" has failed.*--cluster-reset.* ended with 1: .*expected sha256/s,
      );
      using servers = await reached(sealed("sound.db"));
      const records = await during(() => carryOut(plan(), servers, silent));
      assert.deepEqual(of(records, "refused", "initialised"), []);
      assert.deepEqual(
        of(records, "reset", "start", "joined").map(({ event, node }) => `${event} ${node}`),
        [
          "reset qke-master",
          "start qke-master",
          "start qke-worker-49-1",
          "joined qke-worker-49-1",
          "start qke-worker-181-1",
          "joined qke-worker-181-1",
        ],
      );
      assert.deepEqual(await entries(), entered);
      assert.equal(await lab.run("qke-master", "ls /var/lib/quintet/*.db /var/tmp/*.db 2>/dev/null || true"), "");
      assert.match(await lab.run("qke-master", "ls /var/lib/rancher/k3s/server/db"), /etcd-old-/);
      assert.deepEqual((await succeeds(renewed(), others.k3sToken)).commands, []);
    });

    it("while it answers, it is saved before it goes back, and the others keep their old data aside", async () => {
      using servers = await reached(sealed("again.db"));
      const records = await during(() => carryOut(plan(), servers, silent));
      assert.deepEqual(of(records, "refused"), []);
      assert.deepEqual(nodesOf(records, "snapshot", "reset"), ["qke-master", "qke-master"]);
      const aside = "ls -d /var/lib/rancher/k3s/server/db-before-restore-20261123T010000Z";
      for (const name of servers.names.slice(1)) assert.notEqual(await lab.run(name as MachineName, aside), "");
    });

    it("a server that does not answer is told of before any is changed", async () => {
      const { hostKey } = lab.machine("jump");
      const impostor = k3sSchema.parse(withNode(renewed(), "qke-worker-181-1", { hostKey }));
      const records = await during(() =>
        assert.rejects(
          reachServers(impostor, { privateKey: key.private, passphrase, token: others.k3sToken }, sealed("unsent.db")),
          /The host key of root@172\.20\.20\.51:22 is not the configured one/,
        ),
      );
      assert.deepEqual(records, []);
    });
  });

  it("ends in the same state wherever the operator's machine dies and nodes restart, and installs nothing twice", async () => {
    await startAnew();
    const cuts = new Map<MachineName, number>();
    for (const { stop, reboot } of long ? everyStop() : someStops) {
      const outcome = await up(clusterOf(), secrets.k3sToken, stop);
      assert.equal(outcome.error, undefined);
      if (!outcome.stopped) break;
      for (const { host, took } of outcome.commands) {
        const name = nodeNames.find((one) => lab.machine(one).address === host);
        if (name === undefined || took !== undefined) continue;
        cuts.set(name, (cuts.get(name) ?? 0) + 1);
        if (reboot) await lab.reboot(name);
      }
    }
    await succeeds(clusterOf());
    const records = k3sRecords(lab);
    assert.deepEqual(of(records, "refused"), []);
    assert.deepEqual(nodesOf(records, "initialised"), ["qke-master"]);
    for (const name of nodeNames) {
      const starts = nodesOf(records, "start").filter((node) => node === name).length;
      assert.ok(starts <= 1 + (cuts.get(name) ?? 0), `${name} has started ${String(starts)} times`);
      assert.equal(
        of(records, "joined").filter(({ node, role }) => node === name && role?.endsWith("node") === true).length,
        1,
      );
    }
    assert.deepEqual((await succeeds(clusterOf())).commands, []);
    assert.deepEqual(await k3sState(lab, nodeNames), installed);
  });

  it("shows no secret in commands, state, logs, processes, or files that others than root can read", async () => {
    const seen = sampler.end();
    assert.ok(
      seen.some((text) => text.includes("apply.sh")),
      "the sampler has seen the scripts",
    );
    assert.deepEqual(found(seen), []);
    for (const { commands, log, error, state: last } of outcomes) {
      const shown = Object.values(last).map((resource) => resource.shown);
      assert.deepEqual(found({ commands, log, error, shown }), []);
    }
    const holders: string[] = [];
    for (const name of nodeNames) {
      for (const folder of ["/etc", "/var", "/run", "/tmp", "/root", "/home", "/usr/local"]) {
        for (const file of await smallFiles(name, folder)) {
          if (found(readFileSync(lab.file(name, file))).length > 0) holders.push(`${name} ${file}`);
        }
      }
    }
    assert.ok(holders.length >= nodeNames.length, "the token is found where it belongs");
    for (const holder of holders) {
      const [name, file] = holder.split(" ") as [MachineName, string]; // as they are put together above
      assert.equal(statSync(lab.file(name, file)).mode & 0o077, 0, holder);
      assert.equal(statSync(lab.file(name, file)).uid, 0, holder);
    }
    const records = readdirSync(lab.shared).filter((name) => name.endsWith("l") || name.endsWith("json"));
    for (const file of records) assert.deepEqual(found(readFileSync(join(lab.shared, file), "utf8")), []);
  });
});

/** The files below a folder of a machine that were written since it was made. */
async function smallFiles(name: MachineName, folder: string): Promise<string[]> {
  const list = await lab.run(name, `find ${folder} -xdev -type f -size -4M -newer /etc/hostname 2>/dev/null || true`);
  return list.split("\n").filter((line) => line !== "");
}

interface Death {
  readonly stop: Stop;
  readonly reboot: boolean;
}

/** Some deaths, one after the other in one installation: at a boundary, in a script, with the node's own. */
const someStops: readonly Death[] = [
  { stop: { at: 3, when: "before" }, reboot: false },
  { stop: { at: 12, when: "inside", delay: 900 }, reboot: true },
  { stop: { at: 14, when: "after" }, reboot: false },
];

/** Every command in turn is the second one of its run, which dies before it, in it at several places, and after it. */
function* everyStop(): Generator<Death> {
  for (let round = 0; round < 400; round += 1) {
    const when = (["after", "inside", "before"] as const)[round % 3] ?? "after";
    yield { stop: { at: 2, when, delay: 100 + ((round * 377) % 2500) }, reboot: round % 4 === 1 };
  }
}
