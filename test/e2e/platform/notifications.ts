/**
 * Much breaks at once, and whoever is outside is told: each alert is fired by its fault, seen in Alertmanager, and clears;
 * a webhook gets what fires and its end; and what is measured is brought to a second Prometheus.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { loggingNamespace, loggingPorts } from "../../../components/logging/names.ts";
import { podCidrs } from "../../../embedded/kubectl.ts";
import { until } from "../../../embedded/run.ts";
import { toolPath } from "../../../toolchain/index.ts";
import { outside, withOutside } from "../fixtures.ts";
import { longTest } from "../long.ts";
import { eventful, failingJob, greedy, incomplete, moveManifests, ownRule } from "./broken.ts";
import { ownRules, rulesFail } from "./causes/monitoring.ts";
import { forwarded, kubectl, liveConfig, spec, state, upAsWritten, upWith } from "./context.ts";
import { Fired } from "./fired.ts";
import { apply, remove } from "./objects.ts";
import { alerts, type Sample } from "./prometheus.ts";
import { inside, Webhook } from "./webhook.ts";

const farPort = 9096;

/** A second Prometheus, which takes what others measure. */
function farPrometheus(network: string, folder: string) {
  writeFileSync(join(folder, "prometheus.json"), "{}");
  return inside(
    network,
    toolPath("prometheus"),
    `--config.file=${join(folder, "prometheus.json")}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--web.listen-address=${outside.declared}:${String(farPort)}`,
    "--web.enable-remote-write-receiver",
  );
}

/** What that one has. */
async function far(network: string, expr: string): Promise<readonly Sample[]> {
  const url = `http://${outside.declared}:${String(farPort)}/api/v1/query?query=${encodeURIComponent(expr)}`;
  const script = `fetch(${JSON.stringify(url)}).then((r)=>r.text()).then((t)=>process.stdout.write(t))`;
  const { stdout } = await execa("nsenter", [`--net=${network}`, process.execPath, "-e", script], { reject: false });
  if (stdout === "") return [];
  return (JSON.parse(stdout) as { data: { result: Sample[] } }).data.result; // prometheus.io, HTTP API
}

/** A line that is too long for Loki, brought again and again. */
async function pushTooLong(): Promise<void> {
  await forwarded(loggingNamespace, "service/loki", loggingPorts.loki, async (url) => {
    for (let i = 0; i < 4; i++) {
      const now = `${String(Date.now())}000000`;
      const answer = await fetch(`${url}/loki/api/v1/push`, {
        method: "POST",
        headers: { "X-Scope-OrgID": "shop", "Content-Type": "application/json" },
        body: JSON.stringify({ streams: [{ stream: { source: "pods" }, values: [[now, "x".repeat(300_000)]] }] }),
      });
      assert.equal(answer.status, 400, await answer.text());
      await sleep(12_000); // Prometheus looks every ten seconds
    }
  });
}

/** One of the things that are looked at, by its name where it fails. */
async function step(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new Error(name, { cause: error });
  }
}

longTest(
  "much breaks at once: each alert fires and clears, and whoever is outside is told of all but what follows",
  async () => {
    const { monitoring, logging } = liveConfig();
    assert.ok(monitoring.kind === "prometheus" && logging.kind === "loki");
    const folder = mkdtempSync(join(tmpdir(), "quintet-far-"));
    const jobs = [failingJob("failing-one"), failingJob("failing-two")];
    const fired = new Fired();
    await withOutside(spec, await podCidrs(state), async (network) => {
      const webhook = new Webhook(network);
      webhook.start();
      let second = farPrometheus(network, folder);
      try {
        await step("what is measured is brought to a second Prometheus, and no more than is wanted", async () => {
          await upWith({
            "quintet:monitoring": {
              ...monitoring,
              alertmanager: {
                ...monitoring.alertmanager,
                receiver: { kind: "webhook", url: Webhook.url },
              },
              remoteWrite: {
                url: `http://${outside.declared}:${String(farPort)}/api/v1/write`,
                keep: "up|kube_node_.*",
              },
              rules: ownRules,
            },
            "quintet:logging": { ...logging, notify: { rules: { CommandsUnknown: ownRule } } },
          });
          const own = { environment: "test", prometheus_replica: "prometheus-0" };
          let kubelets: readonly Sample[] = [];
          await until("every kubelet's figure at the far end", 120_000, async () => {
            kubelets = await far(network, 'up{job="kubelet"}');
            return kubelets.length === spec.nodes.length;
          });
          for (const { metric } of kubelets) assert.deepEqual({ ...metric, ...own }, metric);
          let names: string[] = [];
          await until("the nodes' figures at the far end", 60_000, async () => {
            const all = await far(network, 'count by (__name__) ({__name__!=""})');
            names = all.map(({ metric }) => metric["__name__"] ?? "");
            return names.includes("kube_node_info");
          });
          assert.deepEqual(
            names.filter((name) => !/^(up|kube_node_.*)$/.test(name)),
            [],
          );
        });

        await second.end();
        const meanwhile = Promise.allSettled([pushTooLong(), rulesFail(fired)]);
        await step("events and lines are told beside figures", async () => {
          await apply(...jobs, ...eventful, greedy, ...incomplete);
          await fired.wait(240_000, "ImageNotPulled", "VolumeNotMounted", "PodsRefused", "CommandsUnknown");
          await remove(...eventful, greedy);
        });
        await step("what follows from another is silent", async () => {
          await kubectl("scale", "deployment/coredns", "-n", "kube-system", "--replicas=0");
          await fired.wait(240_000, "CoreDnsDown", "ProbeFailed", "JobFailed");
          const silenced = (await alerts()).get("ProbeFailed") ?? [];
          assert.deepEqual(new Set(silenced.map(({ status }) => status.state)), new Set(["suppressed"]));
          await webhook.told("CoreDnsDown", "firing", 60_000);
          await kubectl("scale", "deployment/coredns", "-n", "kube-system", "--replicas=2");
          await remove(...jobs);
          await kubectl("rollout", "status", "deployment/coredns", "-n", "kube-system", "--timeout=120s");
        });

        await step("the webhook gets one message for alerts of one name and place, with what to do", async () => {
          await webhook.told("JobFailed", "firing", 60_000);
          const [first] = webhook.of("JobFailed");
          assert.deepEqual(first?.groupLabels, { alertname: "JobFailed", namespace: "default" });
          assert.deepEqual(first.alerts.map(({ labels }) => labels["job_name"]).sort(), ["failing-one", "failing-two"]);
          const annotations = first.alerts[0]?.annotations ?? {};
          assert.equal(annotations["runbook_url"], "docs/alerts.md#jobfailed");
          assert.match(annotations["summary"] ?? "", /^The Job default\/failing-(one|two) has failed\.$/);
          await webhook.told("CommandsUnknown", "firing", 90_000);
          const own = webhook.of("CommandsUnknown")[0]?.alerts[0];
          assert.equal(own?.annotations["runbook_url"], ownRule.runbook);
          assert.match(own.annotations["summary"] ?? "", /^crashing-\S+ is told what it does not know\.$/);
          assert.equal(own.labels["environment"], "test");
          await webhook.told("TwoPods", "firing", 120_000);
          const [two] = webhook.of("TwoPods");
          assert.equal(two?.alerts[0]?.annotations["summary"], "There are 2.");
          assert.equal(two.alerts[0].annotations["runbook_url"], ownRules.TwoPods.runbook);
        });

        await step("what never gets well, who is lost of the control plane, and a far end that is away", async () => {
          const controllers = ["kube-scheduler", "kube-controller-manager"];
          moveManifests(controllers, "away");
          try {
            await fired.wait(480_000, "SchedulerDown", "ControllerManagerDown");
          } finally {
            moveManifests(controllers, "back");
          }
          const soon = ["DeploymentIncomplete", "PodCrashLooping", "TargetDown", "LogsRefused", "RemoteWriteBehind"];
          await fired.wait(600_000, ...soon);
          await fired.wait(480_000, "PodNotReady", "DaemonSetIncomplete", "CertificateNotReady");
          for (const end of await meanwhile) if (end.status === "rejected") throw end.reason;
        });

        await step("all clear once it is mended, and the webhook is told", async () => {
          await remove(...incomplete);
          second = farPrometheus(network, folder);
          await fired.clear(720_000);
          for (const name of ["JobFailed", "CoreDnsDown", "ImageNotPulled"])
            await webhook.told(name, "resolved", 330_000);
          const silent = webhook.notices
            .flatMap((one) => one.alerts)
            .filter(({ labels }) => labels["alertname"] === "ProbeFailed");
          assert.deepEqual(silent, [], "the webhook was told of what only follows");
        });
      } finally {
        await kubectl("scale", "deployment/coredns", "-n", "kube-system", "--replicas=2");
        await remove(...jobs, ...eventful, greedy, ...incomplete);
        await upAsWritten();
        await second.end();
        await webhook.end();
        rmSync(folder, { recursive: true, force: true });
      }
    });
  },
);
