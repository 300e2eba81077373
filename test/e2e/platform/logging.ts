/** What a container says and what happens to an object is found in seconds, by its owner and by nobody else. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import {
  collectorNamespace,
  loggingNamespace,
  loggingPorts,
  platformOwner,
} from "../../../components/logging/names.ts";
import { kubectl as kubectlWith } from "../../../embedded/kubectl.ts";
import { until } from "../../../embedded/run.ts";
import { versions } from "../../../versions.ts";
import { figures, forwarded, kubectl, state } from "./context.ts";
import { query } from "./prometheus.ts";

/** How long a line may take from a container to whoever searches it, in milliseconds. */
const deadline = 10_000;

/** A stream of Loki's answer (grafana.com/docs/loki, HTTP API). */
interface Stream {
  readonly stream: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [string, string])[];
}

/** What an owner finds. */
async function found(url: string, owner: string, asked: string): Promise<readonly Stream[]> {
  const answer = await fetch(`${url}/loki/api/v1/query_range?query=${encodeURIComponent(asked)}&since=30m`, {
    headers: { "X-Scope-OrgID": owner },
  });
  assert.equal(answer.status, 200, `${asked}: ${String(answer.status)}`);
  return ((await answer.json()) as { data: { result: Stream[] } }).data.result;
}

const search = (work: (url: string) => Promise<void>) =>
  forwarded(loggingNamespace, "service/loki", loggingPorts.loki, work);

const amounts = { cpu: "20m", memory: "32Mi" };

/** A pod of a tenant that says one thing, and ends. */
const teller = (name: string, said: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "shop-web", labels: { "app.kubernetes.io/name": "teller" } },
  spec: {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 100, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "teller",
        image: versions.images.podinfo,
        command: ["podcli", said], // no command of its, as it says
        resources: { requests: amounts, limits: amounts },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
  },
});

test("a line of a tenant's pod is found by its labels, its event beside it, and no other tenant sees either", async () => {
  const said = randomUUID();
  const name = `teller-${said.slice(0, 8)}`;
  await search(async (url) => {
    try {
      await kubectlWith(state, ["apply", "-f", "-"], JSON.stringify(teller(name, said)));
      await until(
        `pod ${name} to end`,
        60_000,
        async () =>
          (await kubectl("get", "pod", "-n", "shop-web", name, "-o", "jsonpath={.status.phase}")) === "Failed",
        200,
      );
      const ended = performance.now();
      const asked = `{namespace="shop-web", pod="${name}", container="teller", app="teller"} |= "${said}"`;
      let lines: readonly Stream[] = [];
      await until("the line to be found", deadline, async () => {
        lines = await found(url, "shop", asked);
        return lines.length > 0;
      });
      const line = performance.now() - ended;
      const node = await kubectl("get", "pod", "-n", "shop-web", name, "-o", "jsonpath={.spec.nodeName}");
      assert.equal(lines[0]?.stream["node"], node);
      const event = `{source="events", namespace="shop-web"} | name="${name}" | k8s_event_reason="Scheduled"`;
      await until("its event to be found", deadline, async () => (await found(url, "shop", event)).length === 1);
      for (const other of [platformOwner, "billing"]) {
        assert.deepEqual(await found(url, other, asked), [], `${other} sees a line of shop`);
        assert.deepEqual(await found(url, other, event), [], `${other} sees an event of shop`);
      }
      const nobody = await fetch(`${url}/loki/api/v1/labels`);
      assert.equal(nobody.status, 401, "Loki answers whoever does not say whose lines are meant");
      figures.push(`a line of a pod is found ${(line / 1000).toFixed(1)} s after the pod has ended`);
    } finally {
      await kubectl("delete", "pod", "-n", "shop-web", name, "--ignore-not-found", "--wait=false");
    }
  });
});

test("every node brings lines, and severities stand beside those that have one", async () => {
  await search(async (url) => {
    const nodes = (await kubectl("get", "nodes", "-o", "jsonpath={.items[*].metadata.name}")).split(" ");
    for (const node of nodes) {
      await until(`lines of ${node}`, 30_000, async () => {
        return (await found(url, platformOwner, `{source="pods", node="${node}"}`)).length > 0;
      });
    }
    const severe = await found(url, platformOwner, '{namespace="istio-system"} | severity_text=~"INFO|WARN|ERROR"');
    assert.notEqual(severe.length, 0, "no line of istiod has a severity");
  });
});

test("logging costs little, and loses nothing", async () => {
  const one = async (expr: string) => Number((await query(expr))[0]?.value[1] ?? Number.NaN);
  // Of programs as the kernel counts them against their limits: pages of one program file are shared on this machine.
  const memory = async (namespace: string) =>
    (await one(`sum(container_memory_working_set_bytes{namespace="${namespace}",container!=""})`)) / 1024 ** 2;
  const [kept, collectors] = [await memory(loggingNamespace), await memory(collectorNamespace)];
  const lost = await one("sum(otelcol_exporter_send_failed_log_records_total) or vector(0)");
  figures.push(
    `logging: Loki with the collector of events ${kept.toFixed(0)} MiB, those of the nodes ${collectors.toFixed(0)} MiB, ${String(lost)} lines lost`,
  );
  assert.equal(lost, 0);
});
