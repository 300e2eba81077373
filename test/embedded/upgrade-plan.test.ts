import fc from "fast-check";
import {
  type Act,
  type Begun,
  type ClusterVersions,
  isDone,
  type NodeVersions,
  planLines,
  planUpgrade,
  upgradeProblems,
} from "../../embedded/upgrade-plan.ts";

const [from, to] = ["v1.35.4", "v1.36.3"];
const known = [from, to];
const controlPlane = (name: string, version = from, more: Partial<NodeVersions> = {}): NodeVersions => ({
  name,
  role: "control-plane",
  kubelet: version,
  components: [version, version, version],
  cordoned: false,
  ...more,
});
const worker = (name: string, version = from, more: Partial<NodeVersions> = {}): NodeVersions => ({
  ...controlPlane(name, version, more),
  role: "worker",
  components: [],
});
const whole = (version: string): ClusterVersions => ({
  recorded: version,
  kubeadm: version,
  kubeProxy: version,
  nodes: [
    ...["m1", "m2", "m3"].map((name) => controlPlane(name, version)),
    worker("w1", version),
    worker("w2", version),
  ],
});
const acts = (cluster: ClusterVersions, begun?: Begun) =>
  Object.fromEntries(planUpgrade(cluster, to, begun).nodes.map((node) => [node.name, node.acts]));
const begun = (...cordoned: string[]): Begun => ({ from, to, cordoned });

test("the control plane goes first, one node after the other, and only its first node changes what is kept in the cluster", () => {
  const other: Act[] = ["cordon", "drain", "node", "kubelet", "uncordon"];
  expect(planUpgrade(whole(from), to, undefined)).toEqual({
    nodes: [
      { name: "m1", role: "control-plane", acts: ["cordon", "drain", "apply", "kubelet", "uncordon"] },
      { name: "m2", role: "control-plane", acts: other },
      { name: "m3", role: "control-plane", acts: other },
      { name: "w1", role: "worker", acts: other },
      { name: "w2", role: "worker", acts: other },
    ],
    kubeProxy: true,
    record: true,
  });
});

test("a cluster that is there has nothing to do", () => {
  expect(isDone(planUpgrade(whole(to), to, undefined))).toBe(true);
});

describe("after a crash it goes on where it stopped", () => {
  const with1 = (m1: NodeVersions, kubeadm = to) => {
    const [, ...others] = whole(from).nodes;
    return { ...whole(from), kubeadm, nodes: [m1, ...others] };
  };

  test.each<[string, NodeVersions, string, readonly Act[] | undefined]>([
    [
      "drained",
      controlPlane("m1", from, { cordoned: true }),
      from,
      ["cordon", "drain", "apply", "kubelet", "uncordon"],
    ],
    [
      "in the middle of kubeadm: the API server is new, the scheduler is not",
      controlPlane("m1", from, { components: [to, to, from], cordoned: true }),
      from,
      ["cordon", "drain", "apply", "kubelet", "uncordon"],
    ],
    [
      "with new static pods, and kubeadm's configuration not kept yet",
      controlPlane("m1", from, { components: [to, to, to], cordoned: true }),
      from,
      ["cordon", "drain", "apply", "kubelet", "uncordon"],
    ],
    [
      "before the kubelet",
      controlPlane("m1", from, { components: [to, to, to], cordoned: true }),
      to,
      ["cordon", "drain", "kubelet", "uncordon"],
    ],
    ["before it gets pods again", controlPlane("m1", to, { cordoned: true }), to, ["uncordon"]],
    ["when it is done", controlPlane("m1", to), to, undefined],
  ])("%s", (_, m1, kubeadm, left) => {
    const plan = acts(with1(m1, kubeadm), begun());
    expect(plan["m1"]).toEqual(left);
    expect(plan["m2"]).toEqual(["cordon", "drain", "node", "kubelet", "uncordon"]);
  });

  test("when every node is done, with kube-proxy and the record left", () => {
    const cluster = { ...whole(to), recorded: from, kubeProxy: from };
    expect(planUpgrade(cluster, to, begun())).toEqual({ nodes: [], kubeProxy: true, record: true });
  });
});

test("a node that somebody else has cordoned stays so", () => {
  const cluster = { ...whole(from), nodes: [controlPlane("m1"), worker("w1", from, { cordoned: true })] };
  expect(acts(cluster)["w1"]).toEqual(["drain", "node", "kubelet"]);
  expect(acts(cluster, begun("w1"))["w1"]).toEqual(["drain", "node", "kubelet"]);
  const after = { ...whole(to), recorded: from, nodes: [controlPlane("m1", to), worker("w1", to, { cordoned: true })] };
  expect(acts(after, begun("w1"))).toEqual({});
});

test("wherever each node has stopped, one more run does all that is left, and no node twice", () => {
  const anyNode = fc.record({
    kubelet: fc.constantFrom(from, to),
    own: fc.array(fc.constantFrom(from, to), { minLength: 3, maxLength: 3 }),
    cordoned: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.tuple(anyNode, anyNode, anyNode), fc.constantFrom(from, to), (each, kubeadm) => {
      const nodes = each.map(({ kubelet, own, cordoned }, i) =>
        controlPlane(`m${String(i)}`, from, { kubelet, components: own, cordoned }),
      );
      const plan = planUpgrade({ ...whole(from), kubeadm, nodes }, to, begun());
      for (const node of nodes) {
        const left = plan.nodes.find(({ name }) => name === node.name)?.acts ?? [];
        expect(left.includes("kubelet")).toBe(node.kubelet !== to);
        expect(left.includes("uncordon")).toBe(node.cordoned || left.length > 0);
        const moves = left.includes("kubelet") || left.includes("node") || left.includes("apply");
        expect(left.includes("drain")).toBe(moves);
        expect(new Set(left).size).toBe(left.length);
      }
      expect(plan.nodes.flatMap((node) => node.acts).filter((act) => act === "apply").length).toBe(
        kubeadm === to ? 0 : 1,
      );
    }),
  );
});

describe("what the version skew policy forbids is refused", () => {
  test.each([
    ["down", whole(to), from, undefined, "would go back from v1.36.3 to v1.35.4"],
    ["two minor releases", whole(from), "v1.37.0", undefined, "skip a minor release"],
    [
      "a version without tools",
      whole(from),
      "v1.36.9",
      undefined,
      "no tools of v1.36.9 here. There are: v1.35.4, v1.36.3",
    ],
    ["no version at all", whole(from), "latest", undefined, "cannot compare v1.35.4 with latest"],
    ["another one in the middle", whole(from), from, begun(), "an upgrade to v1.36.3 has begun"],
    [
      "a kubelet that would be newer than its API server",
      { ...whole(from), nodes: [controlPlane("m1"), worker("w1", "v1.36.9")] },
      to,
      undefined,
      "the kubelet of w1 is of v1.36.9",
    ],
    [
      "a kubelet that is too old",
      { ...whole(from), nodes: [controlPlane("m1"), worker("w1", "v1.32.0")] },
      to,
      undefined,
      "more than 3 minor releases behind v1.36.3",
    ],
  ] as const)("%s", (_, cluster, wanted, before, problem) => {
    expect(upgradeProblems(cluster, wanted, known, before).join("\n")).toContain(problem);
  });

  test("and nothing else", () => {
    expect(upgradeProblems(whole(from), to, known, undefined)).toEqual([]);
    expect(upgradeProblems(whole(to), to, known, undefined)).toEqual([]);
    const middle = { ...whole(from), nodes: [controlPlane("m1", to), worker("w1", from)] };
    expect(upgradeProblems(middle, to, known, begun())).toEqual([]);
  });
});

test("the plan is told in words", () => {
  expect(planLines(planUpgrade({ ...whole(from), nodes: [worker("w1")] }, to, undefined))).toEqual([
    "  w1 (worker): gets no new pods; its pods move to other nodes; kubeadm upgrade node; the new kubelet; gets pods again",
    "  kube-proxy: node by node, when the control plane is done",
  ]);
});
