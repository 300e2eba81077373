import { requireReadinessBehindServices } from "../../../policies/probes/require-readiness-behind-services.ts";
import { unknown } from "../../lib/unknown.ts";
import { metadata, saidOf } from "../workloads.ts";
import { at, good } from "./cases.ts";

const labels = { app: "web" };
const web = (containers: readonly object[], spec: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata,
  spec: { template: { metadata: { labels }, spec: { containers, ...spec } } },
});
const service = (spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { namespace: "shop", name: "web" },
  spec: { selector: labels, ports: [{ port: 80, targetPort: "http" }], ...spec },
});
const said = (...objects: object[]) => saidOf([requireReadinessBehindServices], objects);
const silent = { ...good, readinessProbe: undefined };
const message = `Deployment shop/web: container "app" has no readiness probe, and Service shop/web sends it requests as soon as it starts. Set ${at}.readinessProbe.`;

test("accepts the baseline, and what no Service calls", () => {
  expect(said(web([good]), service())).toEqual([]);
  expect(said(web([silent]))).toEqual([]);
  expect(said(web([silent]), service({ selector: { app: "other" } }))).toEqual([]);
  expect(said(web([silent]), service({ selector: undefined }))).toEqual([]);
  expect(said(web([silent]), service({ publishNotReadyAddresses: true }))).toEqual([]);
  expect(said(web([silent]), { ...service(), metadata: { namespace: "other", name: "web" } })).toEqual([]);
});

test.each([
  ["by its port's name", {}],
  ["by its port", { ports: [{ port: 8080 }] }],
  ["by its target port", { ports: [{ port: 80, targetPort: 8080 }] }],
])("refuses what a Service calls %s", (_, spec) => {
  expect(said(web([silent]), service(spec))).toEqual([message]);
});

const beside = { ...good, name: "log", ports: [{ name: "log", containerPort: 1 }] };

test.each([
  ["the port's name", { ports: [{ port: 80, targetPort: "http" }] }],
  ["the port's number", { ports: [{ port: 80, targetPort: 8080 }] }],
  ["the Service's own port", { ports: [{ port: 8080 }] }],
  ["one of its ports", { ports: [{ port: 9 }, { port: 80, targetPort: "http" }] }],
])("a probe of another container is no help to the one that is called by %s", (_, spec) => {
  expect(said(web([silent, beside]), service(spec))).toEqual([message]);
  expect(said(web([{ ...silent, ports: [{ containerPort: 1 }, ...good.ports] }, beside]), service(spec))).toEqual([
    message,
  ]);
});

test("is about every label that the Service selects by", () => {
  const selector = { ...labels, tier: "front" };
  expect(said(web([silent]), service({ selector }))).toEqual([]);
});

test("asks a sidecar that is called, and no init container, which ends before any call", () => {
  const proxy = { ...silent, name: "proxy", restartPolicy: "Always" };
  expect(said(web([beside], { initContainers: [proxy] }), service())).toEqual([
    expect.stringContaining('container "proxy" has no readiness probe'),
  ]);
  expect(said(web([beside], { initContainers: [{ ...silent, name: "before" }] }), service())).toEqual([]);
});

test("asks only the container that is called, and any where no port is declared", () => {
  const log = { ...beside, readinessProbe: undefined };
  expect(said(web([good, log]), service())).toEqual([]);
  expect(
    said(
      web([
        { ...silent, name: "first", ports: [] },
        { ...silent, ports: [] },
      ]),
      service(),
    ),
  ).toEqual([message.replace("containers[0]", "containers[1]")]);
  const undeclared = { ...silent, ports: undefined };
  expect(said(web([undeclared]), service())).toEqual([message]);
  expect(said(web([undeclared, { ...good, name: "b", ports: undefined }]), service())).toEqual([]);
});

test("leaves what ends by itself alone", () => {
  const template = { metadata: { labels }, spec: { containers: [silent] } };
  const job = { apiVersion: "batch/v1", kind: "Job", metadata, spec: { template } };
  const cronJob = { ...job, kind: "CronJob", spec: { jobTemplate: { spec: { template } } } };
  expect(said({ ...job, apiVersion: "apps/v1", kind: "ReplicaSet" }, service())).toHaveLength(1);
  expect(said(job, service())).toEqual([]);
  expect(said(cronJob, service())).toEqual([]);
  expect(said(web([silent], { restartPolicy: "Never" }), service())).toEqual([]);
});

test("what is not known yet is said to be", () => {
  expect(said(web([silent]), service({ selector: unknown }))).toEqual([
    expect.stringContaining("cannot be judged before the update"),
  ]);
});
