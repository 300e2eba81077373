import fc from "fast-check";
import type { K3sConfig } from "../../../../components/cluster/k3s/schema.ts";
import { clusterSteps, planSteps, type Step } from "../../../../components/cluster/k3s/steps.ts";
import { clusters } from "./arbitrary.ts";
import { hostKey, lab, labInput } from "./lab.ts";

const ofCluster: readonly string[] = Object.values(clusterSteps);
const byName = (config: K3sConfig) => new Map(planSteps(config).map((step) => [step.name, step]));

/** A step without its place in the order, which is no input of a resource. */
const inputs = (step: Step | undefined) => ({ ...step, after: undefined });

/** What must be done before a step, and before that. */
function before(steps: ReadonlyMap<string, Step>, name: string, known = new Set<string>()): Set<string> {
  for (const one of steps.get(name)?.after ?? []) {
    if (!known.has(one)) before(steps, one, known.add(one));
  }
  return known;
}

fc.configureGlobal({ numRuns: 15 });

describe("in any cluster", () => {
  test("every step has a name of its own and comes after those it needs", () => {
    fc.assert(
      fc.property(clusters, (config) => {
        const names = planSteps(config).map(({ name }) => name);
        expect(names).toEqual([...new Set(names)]);
        planSteps(config).forEach(({ after }, index) => {
          expect(names.slice(0, index)).toEqual(expect.arrayContaining([...after]));
        });
      }),
    );
  });

  test("every machine is checked before any is changed", () => {
    fc.assert(
      fc.property(clusters, (config) => {
        const steps = byName(config);
        const checks = config.nodes.map(({ name }) => `preflight-${name}`);
        for (const name of [...steps.keys()].filter((name) => !checks.includes(name))) {
          expect([...before(steps, name)]).toEqual(expect.arrayContaining(checks));
        }
      }),
    );
  });

  test("one server may make the cluster, the others follow one another, and the agents come last", () => {
    fc.assert(
      fc.property(clusters, (config) => {
        const steps = byName(config);
        const named = (role: string) =>
          config.nodes.filter((node) => node.role === role).map(({ name }) => `node-${name}`);
        const servers = named("server");
        expect(
          [...steps.values()].filter((step) => step.kind === "run" && step.create.includes("bootstrap")),
        ).toHaveLength(1);
        expect(steps.get("bootstrap")?.node.name).toBe(servers[0]?.replace("node-", ""));
        servers.forEach((name, index) => {
          const earlier = [...before(steps, name)].filter((one) => one.startsWith("node-"));
          expect(earlier.sort()).toEqual(servers.slice(0, index).sort());
        });
        for (const agent of named("agent")) {
          const earlier = [...before(steps, agent)].filter((one) => one.startsWith("node-"));
          expect(earlier.sort()).toEqual([...servers].sort());
        }
        expect([...before(steps, "members")]).toEqual(expect.arrayContaining([...servers, ...named("agent")]));
      }),
    );
  });

  test("removing any one node touches its own steps only, and the cluster's list of members", () => {
    fc.assert(
      fc.property(clusters, fc.nat(), (config, at) => {
        const gone = config.nodes[at % config.nodes.length];
        const nodes = config.nodes.filter((node) => node !== gone);
        fc.pre(nodes.some(({ role }) => role === "server"));
        const [old, left] = [byName(config), byName({ ...config, nodes })];
        const own = [...old.keys()].filter((name) => !left.has(name));
        expect(own.sort()).toEqual(["files", "node", "preflight"].map((step) => `${step}-${gone?.name ?? ""}`).sort());
        for (const [name, step] of left) {
          if (!ofCluster.includes(name)) expect(inputs(step)).toEqual(inputs(old.get(name)));
        }
      }),
    );
  });

  test("adding a node at any place touches no other node", () => {
    fc.assert(
      fc.property(clusters, fc.nat(), (config, at) => {
        const added = {
          ...config.nodes[0],
          name: "added-in-the-middle",
          address: "172.20.20.255",
          role: "agent" as const,
        };
        const nodes = [...config.nodes];
        nodes.splice(at % (nodes.length + 1), 0, added as K3sConfig["nodes"][number]);
        const [old, more] = [byName(config), byName({ ...config, nodes })];
        for (const [name, step] of old) {
          if (!ofCluster.includes(name)) expect(inputs(more.get(name))).toEqual(inputs(step));
        }
      }),
    );
  });

  test("nothing of the way by which a node is reached is in a command, or on a node", () => {
    fc.assert(
      fc.property(clusters, (config) => {
        const key = hostKey("another");
        const other = {
          ...config,
          ssh: { ...config.ssh, port: 2222, jump: { host: "jump.qke.com", user: "operator", port: 22, hostKey: key } },
          nodes: config.nodes.map((node) => ({ ...node, port: 2200, hostKey: key })),
        };
        const without = (step: Step) => ({ ...step, node: step.node.name });
        expect(planSteps(other).map(without)).toEqual(planSteps(config).map(without));
      }),
    );
  });

  test("every command has an update", () => {
    fc.assert(
      fc.property(clusters, (config) => {
        for (const step of planSteps(config)) expect(step.kind === "run" && step.update !== "").toBe(true);
      }),
    );
  });
});

const commandsOf = (config: K3sConfig) =>
  Object.fromEntries(
    planSteps(config).flatMap((step) =>
      step.name.startsWith("node-") && step.kind === "run" ? [[step.name, step.update]] : [],
    ),
  );
const changed = (config: K3sConfig) => {
  const old = commandsOf(lab());
  return Object.entries(commandsOf(config))
    .filter(([name, command]) => command !== old[name])
    .map(([name]) => name.replace("node-", ""));
};

describe("k3s is set anew on", () => {
  const everywhere = ["qke-master", "qke-worker-49-1", "qke-worker-181-1", "qke-worker-49-2", "qke-worker-181-2"];
  const servers = everywhere.slice(0, 3);
  const one = (index: number, change: object) => ({
    nodes: labInput.nodes.map((node, at) => (at === index ? { ...node, ...change } : node)),
  });

  test.each([
    ["nobody when nothing changes", {}, []],
    [
      "nobody for another place to download the same binary from",
      { source: { from: "download", url: "https://mirror.qke.com" } },
      [],
    ],
    ["every node for another release", { version: "v1.36.4+k3s1", sha256: "6".repeat(64) }, everywhere],
    ["every node for another generation of certificates", { certificateGeneration: 1 }, everywhere],
    ["every server for another schedule of snapshots", { snapshots: { schedule: "0 0 * * *" } }, servers],
    [
      "one node for a kernel setting of its own",
      one(3, { sysctls: { "vm.max_map_count": "262144" } }),
      ["qke-worker-181-1"],
    ],
    ["one node for another generation of it", one(2, { generation: 1 }), ["qke-worker-49-2"]],
    ["one node for its reservations", one(2, { reservations: { system: { cpu: "1" } } }), ["qke-worker-49-2"]],
  ] as const)("%s", (_, overrides, expected) => {
    expect(changed(lab(overrides as Parameters<typeof lab>[0])).sort()).toEqual([...expected].sort());
  });
});

test("a user who is not root becomes it for what needs it, and for nothing else", () => {
  const commands = (user: string) => {
    const all = planSteps(lab({ ssh: { user } })).flatMap((step) =>
      step.kind === "run" ? [step.create, step.update].map((text) => text.replace(/ [0-9a-f]+$/, "")) : [],
    );
    return [...new Set(all)].sort();
  };
  const scripts = ["apply.sh", "bootstrap.sh", "cluster-id.sh", "kubeconfig.sh", "members.sh", "release.sh"];
  const onNode = scripts.map((script) => `sh /var/lib/quintet/k3s/wanted/scripts/${script}`);
  expect(commands("root")).toEqual(["sh -s", "true", ...onNode].sort());
  expect(commands("quintet")).toEqual(
    ["sh -s", "true", "sudo -n sh -s", ...onNode.map((command) => `sudo -n ${command}`)].sort(),
  );
});
