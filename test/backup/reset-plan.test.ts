import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Phase, planReplace, planReset, planText, type Step } from "../../backup/reset-plan.ts";

const members = [
  { name: "a", address: "10.0.0.1" },
  { name: "b", address: "10.0.0.2" },
  { name: "c", address: "10.0.0.3" },
];
const stamp = "20261121T215900Z";

const on = (phases: readonly Phase[], node: string): Step[] =>
  phases.flatMap(({ steps }) => steps.filter((step) => step.node === node));
const scripts = (steps: readonly Step[]) => steps.map((step) => (step.kind === "copy" ? step.to : step.script));

describe("all members are restored", () => {
  const phases = planReset({ members, stamp });

  test("phase by phase, each on every node", () => {
    expect(phases.map(({ title }) => title)).toEqual([
      "stop the control plane",
      "keep the old data aside, restore the snapshot",
      "start etcd",
      "start the API servers",
      "start everything else of the control plane",
    ]);
    for (const { steps } of phases) expect([...new Set(steps.map(({ node }) => node))]).toEqual(["a", "b", "c"]);
  });

  test("each member gets its own identity in one new cluster, with revisions that nobody has seen", () => {
    const cluster = "a=https://10.0.0.1:2380,b=https://10.0.0.2:2380,c=https://10.0.0.3:2380";
    for (const { name, address } of members) {
      const restore = scripts(on(phases, name)).find((script) => script.startsWith("etcdutl"));
      expect(restore).toBe(
        `etcdutl snapshot restore /var/lib/quintet/restore-${stamp}.db --data-dir=/var/lib/etcd --name=${name} ` +
          `--initial-cluster=${cluster} --initial-cluster-token=restore-${stamp} ` +
          `--initial-advertise-peer-urls=https://${address}:2380 --bump-revision=1000000000 --mark-compacted ` +
          `&& rm /var/lib/quintet/restore-${stamp}.db`,
      );
    }
  });

  test("nothing is removed but the copy of the database", () => {
    const removed = scripts(phases.flatMap(({ steps }) => steps)).flatMap((script) =>
      [...script.matchAll(/\brm(?:dir)? [^;&]*/g)].map(([command]) => command.trim()),
    );
    expect([...new Set(removed)]).toEqual([
      `rm /var/lib/quintet/restore-${stamp}.db`,
      "rmdir /etc/kubernetes/manifests-stopped",
    ]);
  });

  test("no member starts before all have the snapshot, and no API server before all members are healthy", () => {
    const at = (pattern: RegExp) =>
      phases.findIndex(({ steps }) => scripts(steps).some((script) => pattern.test(script)));
    const order = [
      /manifests-stopped\/; fi; done$/,
      /etcdutl/,
      /stopped\/etcd\.yaml/,
      /stopped\/kube-apiserver\.yaml/,
      /stopped\/\*\.yaml/,
    ];
    expect(order.map(at)).toEqual([0, 1, 2, 3, 4]);
    expect(phases[2]?.steps.filter(({ kind }) => kind === "wait")).toHaveLength(3);
    expect(phases[3]?.steps.filter(({ kind }) => kind === "wait")).toHaveLength(3);
  });

  test("one member alone", () => {
    const [one] = members;
    if (one === undefined) throw new Error("there are members");
    const text = planText(planReset({ members: [one], stamp }));
    expect(text).toContain("--initial-cluster=a=https://10.0.0.1:2380 ");
    expect(text).toContain("  a: waits for its API server to be ready: kubectl");
    expect(text).toContain(`  a: gets the database as /var/lib/quintet/restore-${stamp}.db`);
  });
});

describe("one member is replaced", () => {
  const phases = planReplace({ members, stamp }, "b");

  test("only its own node and one that is left are touched", () => {
    expect(phases.map(({ steps }) => [...new Set(steps.map(({ node }) => node))])).toEqual([
      ["a"],
      ["b"],
      ["a"],
      ["b"],
      ["a"],
      ["b"],
    ]);
  });

  test("a quorum is asked for before anything is changed", () => {
    expect(phases[0]?.steps).toMatchObject([{ kind: "wait", what: "a quorum" }]);
  });

  test("it leaves before it joins, by its address, since a member that never came has no name", () => {
    const own = scripts(on(phases, "a"));
    expect(own[1]).toContain(`'$4 == "https://10.0.0.2:2380" {print $1}'`);
    expect(own[1]).toContain(`member remove "$id"`);
    expect(own[2]).toContain("member add b --peer-urls=https://10.0.0.2:2380");
  });

  test.each([
    ["nobody of that name", "x", members, /"x": the members are a, b, c/],
    ["nobody else", "a", members.slice(0, 1), /"a": the members are a/],
  ])("%s is refused", (_, lost, all, why) => {
    expect(() => planReplace({ members: all, stamp }, lost)).toThrow(why);
  });

  test.each([
    ["as kubeadm init writes it", "    - --initial-cluster=b=https://10.0.0.2:2380\n"],
    [
      "as kubeadm join writes it",
      "    - --initial-cluster=a=https://10.0.0.1:2380,b=https://10.0.0.2:2380\n    - --initial-cluster-state=existing\n",
    ],
  ])("its manifest, %s, joins the cluster that is there", (_, flags) => {
    const folder = mkdtempSync(join(tmpdir(), "quintet-plan-"));
    try {
      const file = join(folder, "etcd.yaml");
      writeFileSync(file, `metadata:\n  annotations:\n    a: b\nspec:\n    - etcd\n${flags}    - --name=b\n`);
      const sed = scripts(on(phases, "b")).find((script) => script.startsWith("sed")) ?? "";
      execFileSync("sh", ["-c", sed.replace("/etc/kubernetes/manifests-stopped/etcd.yaml", file)]);
      expect(readFileSync(file, "utf8")).toBe(
        `metadata:\n  annotations:\n    quintet.dev/joined: ${stamp}\n    a: b\nspec:\n    - etcd\n` +
          "    - --initial-cluster=a=https://10.0.0.1:2380,b=https://10.0.0.2:2380,c=https://10.0.0.3:2380\n" +
          "    - --initial-cluster-state=existing\n    - --name=b\n",
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test("every script is one that sh can read", () => {
  const all = [...planReset({ members, stamp }), ...planReplace({ members, stamp }, "b")];
  for (const step of all.flatMap(({ steps }) => steps)) {
    if (step.kind !== "copy") execFileSync("sh", ["-n", "-c", step.script]);
  }
});
