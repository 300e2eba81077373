/** What goes wrong with lines and spans on their way. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { loggingNamespace } from "../../../../components/logging/names.ts";
import { monitoringPorts } from "../../../../components/monitoring/names.ts";
import { jaegerPorts, tracingNamespace } from "../../../../components/tracing/names.ts";
import { until } from "../../../../embedded/run.ts";
import { statusOf } from "../../load.ts";
import { crashing, podinfo, shortLived } from "../broken.ts";
import { forwarded, kubectl } from "../context.ts";
import { apply, remove } from "../objects.ts";
import { query } from "../prometheus.ts";
import { cause, scaled, type Step } from "./fault.ts";

const [namespace, port] = ["default", 9898]; // podinfo's own default

/** It says of each request who sends it. */
const talker = shortLived("talker", {
  containers: [
    { ...podinfo, command: ["./podinfo", "--level=debug"], readinessProbe: { httpGet: { path: "/readyz", port } } },
  ],
});

/** Does something again and again until the condition of an alert holds; Prometheus looks every ten seconds. */
const againUntil = (alert: string, work: () => Promise<void>) =>
  until(
    `the condition of ${alert} to hold`,
    180_000,
    async () => {
      await work();
      return (await query(`ALERTS{alertname="${alert}"}`)).length > 0;
    },
    12_000,
  );

/** A container says what Loki does not take. */
export const tooLong = cause({
  what: "a container says a line that is longer than Loki takes",
  fires: ["LogsNotBrought"],
  minutes: 10,
  begin: async () => {
    await apply(talker);
    await kubectl("wait", "pod/talker", "-n", namespace, "--for=condition=Ready", "--timeout=60s");
    await againUntil("LogsNotBrought", () =>
      forwarded(namespace, "pod/talker", port, async (url) => {
        const headers = { "user-agent": "x".repeat(400_000) };
        assert.equal(await statusOf(request(`${url}/version`, { headers })), 200);
      }),
    );
  },
  mend: () => remove(talker),
});

/** Loki has no pods. */
export const lokiAway = cause(
  scaled({ name: "statefulset/loki", namespace: loggingNamespace }, 0, {
    what: "Loki is scaled to zero",
    fires: ["LokiDown"],
    minutes: 9,
  }),
);

const ofLoki = ["networkpolicy", "allow-loki", "-n", loggingNamespace];

/** Loki has something to say to Alertmanager, and is not let through. */
export function cutOff(): Step {
  let before: readonly { readonly ports: readonly { readonly port: number }[] }[] = [];
  const allow = (egress: typeof before) =>
    kubectl("patch", ...ofLoki, "--type=merge", "-p", JSON.stringify({ spec: { egress } }));
  return cause({
    what: "a NetworkPolicy lets Loki not through to Alertmanager",
    fires: ["LogRulesFail"],
    minutes: 24,
    begin: async () => {
      await apply(crashing);
      before = JSON.parse(await kubectl("get", ...ofLoki, "-o", "jsonpath={.spec.egress}")) as typeof before; // core's own
      await allow(before.filter(({ ports }) => ports.every(({ port }) => port !== monitoringPorts.alertmanager)));
      // A policy leaves connections that are there as they are.
      await kubectl("delete", "pod", "-l", "app.kubernetes.io/name=loki", "-n", loggingNamespace, "--wait=false");
    },
    mend: async () => {
      if (before.length > 0) await allow(before);
      await remove(crashing);
    },
  });
}

/** As many spans of one request, as Zipkin writes them. */
function flood(count: number): string {
  const traceId = randomBytes(16).toString("hex");
  const timestamp = Date.now() * 1000;
  const localEndpoint = { serviceName: "flood" };
  const spans = Array.from({ length: count }, () => {
    return { traceId, id: randomBytes(8).toString("hex"), name: "drop", timestamp, duration: 1, localEndpoint };
  });
  return JSON.stringify(spans);
}

/** More spans come at once than Jaeger can queue. */
export const tooMany = cause({
  what: "more spans come at once than Jaeger's queue holds",
  fires: ["SpansDropped"],
  minutes: 10,
  begin: () =>
    againUntil("SpansDropped", () =>
      forwarded(tracingNamespace, "service/jaeger", jaegerPorts.zipkin, async (url) => {
        const headers = { "Content-Type": "application/json" };
        const posts = Array.from({ length: 4 }, () =>
          fetch(`${url}/api/v2/spans`, { method: "POST", headers, body: flood(8000) }),
        );
        for (const { status } of await Promise.all(posts)) assert.ok(status < 500 || status === 503, String(status));
      }),
    ),
});
