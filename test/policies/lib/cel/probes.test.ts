import { asked, isLongRunning, probeList, timing } from "../../../../policies/lib/cel/probes.ts";
import { textOf } from "../../cel.ts";
import { app, pod } from "../../workloads.ts";

test("the probes are those of the API", () => {
  expect(probeList).toEqual([
    { name: "readiness", probe: "it.value.readinessProbe" },
    { name: "liveness", probe: "it.value.livenessProbe" },
    { name: "startup", probe: "it.value.startupProbe" },
  ]);
});

describe("a probe's timing", () => {
  const defaults = { period: "10", timeout: "1", delay: "0", patience: "30" };
  const zero = { periodSeconds: 0, timeoutSeconds: 0, initialDelaySeconds: 0, failureThreshold: 0 };

  test.each([
    ["that says nothing", {}, defaults],
    ["that says zero", zero, defaults],
    ["that says how often", { periodSeconds: 5 }, { ...defaults, period: "5", patience: "15" }],
    ["that says how long", { timeoutSeconds: 4 }, { ...defaults, timeout: "4" }],
    ["that says how many times", { failureThreshold: 1 }, { ...defaults, patience: "10" }],
    ["that says from when on", { initialDelaySeconds: 60 }, { ...defaults, delay: "60" }],
  ])("%s", (_, livenessProbe, expected) => {
    const { period, timeout, delay, patience } = timing("it.value.livenessProbe");
    const text = (expression: string) => textOf(expression, app({ livenessProbe }));
    expect({ period: text(period), timeout: text(timeout), delay: text(delay), patience: text(patience) }).toEqual(
      expected,
    );
  });
});

describe("what runs until it is ended", () => {
  const containers = [{ name: "app" }];
  const sidecar = { name: "proxy", restartPolicy: "Always" };

  test.each([
    ["is a container", "Deployment", { containers }, "true"],
    ["is a container of a Pod", "Pod", { containers }, "true"],
    ["is what is restarted", "Pod", { restartPolicy: "Always", containers }, "true"],
    ["is not what is restarted when it fails", "Pod", { restartPolicy: "OnFailure", containers }, "false"],
    ["is not what is never restarted", "Pod", { restartPolicy: "Never", containers }, "false"],
    ["is no Job", "Job", { containers }, "false"],
    ["is no CronJob", "CronJob", { containers }, "false"],
    ["is a sidecar", "Deployment", { initContainers: [sidecar] }, "true"],
    ["is nothing that runs before", "Deployment", { initContainers: [{ name: "migrate" }] }, "false"],
    ["is nothing to look inside", "Pod", { containers: [], ephemeralContainers: [{ name: "debug" }] }, "false"],
  ])("%s", (_, kind, spec, text) => {
    expect(textOf(isLongRunning, pod(spec), kind)).toBe(text);
  });
});

describe("what a probe asks, as text", () => {
  test.each([
    ["http by its defaults", { httpGet: { port: 80 } }, "HTTP :80/ "],
    [
      "http with what is empty as if it were not there",
      { httpGet: { scheme: "", host: "", path: "", port: 80 } },
      "HTTP :80/ ",
    ],
    [
      "http with all that it may say",
      {
        httpGet: {
          scheme: "HTTPS",
          host: "web.shop",
          port: "https",
          path: "/healthz",
          httpHeaders: [
            { name: "Accept", value: "*/*" },
            { name: "X-Probe", value: "ready" },
          ],
        },
      },
      "HTTPS web.shop:https/healthz Accept=*/*,X-Probe=ready",
    ],
    ["gRPC of the whole server", { grpc: { port: 9000 } }, "grpc :9000 "],
    ["gRPC of a service", { grpc: { port: 9000, service: "cart" } }, "grpc :9000 cart"],
    ["a port of the pod", { tcpSocket: { port: 5432 } }, "tcp :5432"],
    ["a port of a host", { tcpSocket: { port: 5432, host: "db" } }, "tcp db:5432"],
    ["a command", { exec: { command: ["cat", "/tmp/ready"] } }, "exec cat /tmp/ready"],
    ["no command", { exec: {} }, "exec "],
    ["nothing", {}, ""],
  ])("%s", (_, livenessProbe, text) => {
    expect(textOf(asked("it.value.livenessProbe"), app({ livenessProbe }))).toBe(text);
  });
});
