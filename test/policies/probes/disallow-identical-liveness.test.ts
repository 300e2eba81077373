import { disallowIdenticalLiveness } from "../../../policies/probes/disallow-identical-liveness.ts";
import { ask, at, saidOfContainer } from "./cases.ts";

const said = (readinessProbe: unknown, livenessProbe: unknown) =>
  saidOfContainer(disallowIdenticalLiveness, { readinessProbe, livenessProbe });

test.each([
  ["the baseline", ask("/readyz"), ask("/livez")],
  ["a readiness probe alone", ask("/readyz"), undefined],
  ["a liveness probe alone", undefined, ask("/livez")],
  ["the same that waits longer", ask("/healthz"), ask("/healthz", { failureThreshold: 6 })],
  ["another scheme", ask("/"), { httpGet: { port: "http", scheme: "HTTPS" } }],
  ["other headers", ask("/"), { httpGet: { port: "http", httpHeaders: [{ name: "Host", value: "a" }] } }],
  ["another way to ask", ask("/"), { tcpSocket: { port: "http" } }],
])("accepts %s", (_, ready, alive) => {
  expect(said(ready, alive)).toEqual([]);
});

test.each([
  ["the same", ask("/healthz"), ask("/healthz")],
  [
    "the same with the defaults written",
    { httpGet: { port: "http" } },
    ask("/", { periodSeconds: 10, failureThreshold: 3 }),
  ],
  ["the same that restarts sooner", ask("/healthz"), ask("/healthz", { failureThreshold: 1 })],
  ["the same program", { exec: { command: ["a", "b"] } }, { exec: { command: ["a", "b"] } }],
  ["the same port", { tcpSocket: { port: 1 } }, { tcpSocket: { port: 1 } }],
  ["the same service", { grpc: { port: 1 } }, { grpc: { port: 1, service: "" } }],
])("refuses %s", (_, ready, alive) => {
  expect(said(ready, alive)).toEqual([
    expect.stringMatching(/^Deployment shop\/web: container "app" is restarted after \d+ s by the same probe/),
  ]);
});

test("says after how long, and where", () => {
  expect(said(ask("/", { periodSeconds: 5 }), ask("/", { periodSeconds: 2 }))).toEqual([
    `Deployment shop/web: container "app" is restarted after 6 s by the same probe that takes it out of service after 15 s. Ask something else in ${at}.livenessProbe, or raise its failureThreshold.`,
  ]);
});
