/** NetworkPolicies at random, read by us and by cyclonus, whose code is nobody's here: both must say the same. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { anyone, type Graph, selectorOf } from "../../components/connectivity-graph.ts";
import { planPolicies } from "../../components/connectivity-policies.ts";
import { proveConnectivity } from "../../components/connectivity-prover.ts";
import {
  type Call,
  type End,
  evaluator,
  nameLabel,
  type NetworkPolicy,
  type PolicySpec,
  rangeOf,
  toNumber,
} from "../../components/network-policy.ts";
import { ensureTools } from "../../toolchain/index.ts";
import { anyGraphs, topologies, type Topology } from "../lib/topologies.ts";

const runs = 10_000;
let cyclonus: ChildProcess;
let answers: AsyncIterator<string>;
const figures: string[] = [];

before(async () => {
  const tools = await ensureTools(["cyclonus"]);
  cyclonus = spawn(tools.cyclonus, { stdio: ["pipe", "pipe", "inherit"] });
  assert.ok(cyclonus.stdout);
  answers = createInterface(cyclonus.stdout)[Symbol.asyncIterator]();
});

after(async () => {
  cyclonus.stdin?.end();
  if (cyclonus.exitCode === null) await once(cyclonus, "exit");
  console.log(`\nFigures:\n${figures.map((figure) => `  ${figure}`).join("\n")}`);
});

/** What both sides of each call say, a 1 for yes: from each end to each, the port changing fastest, then the called. */
interface Answer {
  readonly out: string;
  readonly in: string;
}

/** Asks cyclonus. */
async function asked({ namespaces, policies, ends, ports }: Topology): Promise<Answer> {
  const objects = policies.map(({ namespace, name, spec }) => ({ metadata: { namespace, name }, spec }));
  cyclonus.stdin?.write(`${JSON.stringify({ namespaces, policies: objects, ends, ports })}\n`);
  const answer = await answers.next();
  assert.ok(answer.done !== true, "cyclonus has ended");
  return JSON.parse(answer.value) as Answer; // tools/cyclonus/main.go says so
}

/** Answers every call of a topology, in the same order. */
function answered(
  { ends, ports }: Topology,
  letsOut: (call: Call) => boolean,
  letsIn: (call: Call) => boolean,
): Answer {
  const calls = ends.flatMap((from) => ends.flatMap((to) => ports.map((port): Call => ({ from, to, ...port }))));
  const digits = (says: (call: Call) => boolean) => calls.map((call) => (says(call) ? "1" : "0")).join("");
  return { out: digits(letsOut), in: digits(letsIn) };
}

/** Counts the calls and how many of them were open, so that nobody takes 10,000 times nothing for a proof. */
function counter() {
  let [calls, open] = [0, 0];
  return {
    count: ({ out, in: into }: Answer) => {
      calls += out.length;
      for (let index = 0; index < out.length; index += 1) if (out[index] === "1" && into[index] === "1") open += 1;
    },
    report: (what: string, start: number) => {
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      figures.push(`${what}: ${String(runs)} topologies, ${String(calls)} calls, ${String(open)} open, ${seconds} s`);
      assert.ok(open > calls / 100 && open < calls, "calls are not all open, nor all closed");
    },
  };
}

test(`${String(runs)} sets of any policies are read as cyclonus reads them`, async () => {
  const [{ count, report }, start] = [counter(), performance.now()];
  await fc.assert(
    fc.asyncProperty(topologies, async (topology) => {
      const { letsOut, letsIn } = evaluator(topology);
      const ours = answered(topology, letsOut, letsIn);
      assert.deepEqual(ours, await asked(topology));
      count(ours);
    }),
    { numRuns: runs },
  );
  report("any policies", start);
});

test(`${String(runs)} graphs are what cyclonus makes of their policies`, async () => {
  const [{ count, report }, start] = [counter(), performance.now()];
  await fc.assert(
    fc.asyncProperty(anyGraphs, async (graph) => {
      const topology = topologyOf(graph);
      const declared = answered(
        topology,
        (call) => isDeclared(graph, call, "out"),
        (call) => isDeclared(graph, call, "in"),
      );
      assert.deepEqual(declared, await asked(topology));
      count(declared);
    }),
    { numRuns: runs },
  );
  report("graphs", start);
});

test(`where cyclonus sees that one of ${String(runs)} graphs is broken, the prover says so`, async () => {
  const start = performance.now();
  let [broken, told] = [0, 0];
  await fc.assert(
    fc.asyncProperty(anyGraphs, fc.nat(), fc.nat(), async (graph, which, how) => {
      const policies = damaged(planPolicies(graph), which, how);
      const topology = { ...topologyOf(graph), policies };
      const declared = answered(
        topology,
        (call) => isDeclared(graph, call, "out"),
        (call) => isDeclared(graph, call, "in"),
      );
      const complaints = proveConnectivity(graph, policies);
      if (complaints.length > 0) told += 1;
      if (isDeepStrictEqual(declared, await asked(topology))) return;
      broken += 1;
      assert.notDeepEqual(complaints, []);
    }),
    { numRuns: runs },
  );
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  figures.push(`damage: ${String(broken)} graphs broken, ${String(told)} with complaints, ${seconds} s`);
  assert.ok(broken > runs / 4, "damage does some");
});

/** Policies of which one is gone, or says less than it did. */
function damaged(policies: NetworkPolicy[], which: number, how: number): NetworkPolicy[] {
  const at = which % Math.max(policies.length, 1);
  const policy = policies[at];
  if (policy === undefined) return policies;
  const { spec } = policy;
  const { ingress: [firstIn = {}, ...restIn] = [], egress: [firstOut = {}, ...restOut] = [] } = spec;
  const damages: (PolicySpec | undefined)[] = [
    undefined,
    { ...spec, podSelector: {} },
    { ...spec, policyTypes: ["Ingress"] },
    { ...spec, ingress: [{ ...firstIn, from: [] }, ...restIn] },
    { ...spec, egress: [{ ...firstOut, to: [] }, ...restOut] },
    { ...spec, egress: [{ ...firstOut, ports: [] }, ...restOut] },
    { ...spec, ingress: [{ ...firstIn, from: firstIn.from?.slice(1) ?? [] }, ...restIn] },
  ];
  const chosen = damages[how % damages.length];
  return chosen === undefined ? policies.toSpliced(at, 1) : policies.with(at, { ...policy, spec: chosen });
}

/** A graph with its policies, a pod of each workload, one of nobody in each namespace, and addresses. */
function topologyOf(graph: Graph): Topology {
  const pods = [
    ...Object.values(graph.workloads).map(({ namespace, labels }) => ({ namespace, labels })),
    ...[...Object.keys(graph.namespaces), "unknown"].map((namespace) => ({ namespace, labels: {} })),
  ];
  return {
    namespaces: Object.fromEntries(
      [...Object.keys(graph.namespaces), "unknown"].map((name) => [name, { [nameLabel]: name }]),
    ),
    policies: planPolicies(graph),
    ends: [
      ...pods.map((pod, index) => ({ address: `10.42.1.${String(index + 1)}`, pod })),
      ...["172.20.20.1", "172.20.20.2", "169.254.20.10", "192.0.2.1", "10.43.0.1"].map((address) => ({ address })),
    ],
    ports: [
      ...[80, 443, 9090, 10250, 1].map((port) => ({ protocol: "TCP" as const, port })),
      { protocol: "UDP", port: 53 },
      { protocol: "SCTP", port: 80 },
    ],
  };
}

/** What the edges say of a call, read here once more and in the simplest way. */
function isDeclared(graph: Graph, { from, to, protocol, port }: Call, side: "out" | "in"): boolean {
  const own = side === "out" ? from : to;
  const closed = own.pod === undefined ? "none" : (graph.namespaces[own.pod.namespace]?.closed ?? "none");
  const ours = Object.entries(graph.workloads).filter(([ref, { foreign }]) => foreign !== true && is(graph, own, ref));
  if (closed === "none" || (closed === "workloads" && ours.length === 0)) return true;
  return graph.edges.some((edge) => {
    const ends = (edge.from === anyone ? side === "in" : is(graph, from, edge.from)) && is(graph, to, edge.to);
    const named = graph.workloads[edge.to]?.ports?.[edge.port] ?? graph.peers[edge.to]?.ports?.[edge.port];
    const [number = 0, of = ""] = named === undefined ? edge.port.split("/") : [named.port, named.protocol ?? "TCP"];
    return ends && (edge.port === "*" || (Number(number) === port && of === protocol));
  });
}

/** Whether an end is what a name in an edge stands for. */
function is(graph: Graph, { address, pod }: End, ref: string): boolean {
  const [namespace, name] = ref.split("/");
  if (name === undefined) {
    const { cidrs = [], except = [] } = graph.peers[ref] ?? {};
    const inside = (cidr: string) => rangeOf(cidr)[0] <= toNumber(address) && toNumber(address) <= rangeOf(cidr)[1];
    return pod === undefined && cidrs.some(inside) && !except.some(inside);
  }
  if (pod?.namespace !== namespace) return false;
  const workload = graph.workloads[ref];
  if (name === "*") return true;
  const selector = workload === undefined ? undefined : selectorOf(workload);
  return selector !== undefined && Object.entries(selector).every(([key, value]) => pod?.labels[key] === value);
}
