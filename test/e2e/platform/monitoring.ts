/** All is scraped and every rule works; and alerts are fired by what they are for, seen in Alertmanager, and clear. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { kubectl as kubectlWith, readyNodes } from "../../../embedded/kubectl.ts";
import { until } from "../../../embedded/run.ts";
import { controlPlane } from "../../../embedded/spec.ts";
import { longTest } from "../long.ts";
import { failingJob } from "./broken.ts";
import { config, etcdctl, figures, kubectl, liveInsights, program, spec, state } from "./context.ts";
import { alerts, ask, type Firing, query, type Target, targets } from "./prometheus.ts";

test("every target that is declared is scraped, on each node and pod that there is", async () => {
  const jobs = liveInsights().flatMap(({ scrapes }) => scrapes.map(({ job }) => job));
  let last: Target[] = [];
  await until(
    "every target to be up",
    120_000,
    async () => {
      last = await targets();
      return (
        jobs.every((job) => last.some(({ labels }) => labels["job"] === job)) &&
        last.every(({ health }) => health === "up")
      );
    },
    2000,
  ).catch((error: unknown) => {
    const ill = last.filter(({ health }) => health !== "up");
    const lines = ill.map(
      ({ labels, lastError }) => `${labels["job"] ?? ""} ${labels["instance"] ?? ""}: ${lastError}`,
    );
    const missing = jobs.filter((job) => !last.some(({ labels }) => labels["job"] === job));
    throw new Error(`Not up:\n${lines.join("\n")}\nWithout a target: ${missing.join(", ")}`, { cause: error });
  });
  const count = (job: string) => last.filter(({ labels }) => labels["job"] === job).length;
  const [nodes, servers] = [spec.nodes.length, controlPlane(spec).length];
  const expected = { kubelet: nodes, cadvisor: nodes, "node-exporter": nodes, "api-server": servers, etcd: servers };
  for (const [job, wanted] of Object.entries(expected)) assert.equal(count(job), wanted, job);
  figures.push(`targets of Prometheus, all up: ${String(last.length)} in ${String(jobs.length)} jobs`);
});

test("every rule is worked out, and nothing but the sign of life fires on a whole platform", async () => {
  interface Rule {
    readonly name: string;
    readonly health: string;
    readonly lastError?: string;
  }
  let ill: Rule[] = [];
  await until(
    "every rule to be worked out",
    60_000,
    async () => {
      const { data } = (await ask("prometheus:9090", "/api/v1/rules")) as { data: { groups: { rules: Rule[] }[] } }; // HTTP API
      const rules = data.groups.flatMap((group) => group.rules);
      ill = rules.filter(({ health }) => health !== "ok");
      return rules.length > 0 && ill.length === 0;
    },
    2000,
  ).catch((error: unknown) => {
    throw new Error(JSON.stringify(ill), { cause: error });
  });
  await until("the sign of life in Alertmanager", 60_000, async () => (await alerts()).has("Watchdog"), 2000);
  await until("nothing else to fire", 180_000, async () => (await alerts()).size === 1, 5000).catch(
    async (error: unknown) => {
      throw new Error(JSON.stringify([...(await alerts()).values()]), { cause: error });
    },
  );
});

test("npm run status is green from top to bottom", async () => {
  const text = await program("scripts/status.ts", "--stack", "e2e", "--config", config);
  assert.equal(text.split("\n").filter((line) => line.startsWith("✔")).length, 7, text);
});

test("every job brings what it is kept for, and all of it costs little", async () => {
  const keeps = liveInsights().flatMap(({ scrapes }) => scrapes.map(({ job, keep }) => ({ job, keep })));
  // A sidecar counts the calls that its pod makes, which are none yet.
  for (const { job, keep } of keeps.filter((one) => !one.job.startsWith("sidecars-"))) {
    assert.notEqual((await query(`count({job="${job}",__name__=~"${keep.replaceAll("\\", "\\\\")}"})`)).length, 0, job);
  }
  const one = async (expr: string) => Number((await query(expr))[0]?.value[1] ?? Number.NaN);
  const [series, memory, pods] = [
    await one("sum(prometheus_tsdb_head_series)"),
    await one('sum(process_resident_memory_bytes{job="prometheus"})'),
    await one('sum(kube_pod_status_phase{phase="Running"})'),
  ];
  const cpu = await one('sum(rate(process_cpu_seconds_total{job=~"prometheus|alertmanager"}[2m]))');
  figures.push(
    `Prometheus: ${String(series)} series (${(series / pods).toFixed(0)} for each of ${String(pods)} pods), ${(memory / 1024 ** 2).toFixed(0)} MiB, ${(1000 * cpu).toFixed(0)} m of a core`,
  );
  assert.ok(series < 40_000, `${String(series)} series`);
});

longTest(
  "a control-plane node, DNS and a Job fail: each alert fires, what follows from another is silent, and all clear",
  async () => {
    const placed = await kubectl("get", "pods", "-n", "monitoring", "-o", "jsonpath={.items[*].spec.nodeName}");
    const node = controlPlane(spec).find(({ name }) => !placed.split(" ").includes(name));
    assert.ok(node !== undefined, "monitoring runs on every control-plane node, and none can be stopped beside it");
    const wanted = [
      "NodeNotReady",
      "ApiServerDown",
      "EtcdMemberDown",
      "KubeletDown",
      "CoreDnsDown",
      "ProbeFailed",
      "JobFailed",
    ];
    const start = performance.now();
    const since = () => `${((performance.now() - start) / 1000).toFixed(0)} s`;
    const fired = new Map<string, string>();
    let silenced: readonly Firing[] = [];
    const followers = ["EtcdMemberDown", "ProbeFailed"];
    try {
      await kubectlWith(state, ["apply", "-f", "-"], JSON.stringify(failingJob("failing")));
      await kubectl("scale", "deployment/coredns", "-n", "kube-system", "--replicas=0");
      await program("embedded/cli.ts", "stop", "--name", spec.name, node.name);
      await until(
        `${wanted.join(", ")} in Alertmanager`,
        420_000,
        async () => {
          const now = await alerts();
          for (const name of wanted) if (now.has(name) && !fired.has(name)) fired.set(name, since());
          return wanted.every((name) => fired.has(name));
        },
        2000,
      ).catch((error: unknown) => {
        throw new Error(`Fired: ${[...fired.keys()].join(", ")}`, { cause: error });
      });
      const now = await alerts();
      silenced = followers.flatMap((name) => now.get(name) ?? []);
    } finally {
      await program("embedded/cli.ts", "start", "--name", spec.name, node.name);
      await kubectl("scale", "deployment/coredns", "-n", "kube-system", "--replicas=2");
      await kubectl("delete", "job", "failing", "-n", "default", "--ignore-not-found");
    }
    assert.deepEqual(new Set(silenced.map(({ status }) => status.state)), new Set(["suppressed"]));
    const mended = performance.now();
    await until(`node ${node.name} to be Ready`, 180_000, async () => (await readyNodes(state)).includes(node.name));
    await until("every alert to clear", 300_000, async () => (await alerts()).size === 1, 2000).catch(
      async (error: unknown) => {
        throw new Error([...(await alerts()).keys()].join(", "), { cause: error });
      },
    );
    const cleared = (performance.now() - mended) / 1000;
    figures.push(
      `alerts fired by faults: ${[...fired].map(([name, at]) => `${name} ${at}`).join(", ")}; all clear ${cleared.toFixed(0)} s after the faults`,
    );
    await until(
      "three healthy etcd members",
      60_000,
      async () => (await etcdctl("endpoint", "health", "--cluster")).split("\n").length === 3,
    );
  },
);
