import { requireReadinessBehindServices } from "../../../policies/probes/require-readiness-behind-services.ts";
import { unknown } from "../../lib/unknown.ts";
import { formsOf, metadata, saidOf } from "../workloads.ts";
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

test("asks only the container that is called, and any where no port is declared", () => {
  const log = { ...silent, name: "log", ports: [{ name: "log", containerPort: 1 }] };
  expect(said(web([good, log]), service())).toEqual([]);
  const undeclared = { ...silent, ports: undefined };
  expect(said(web([undeclared]), service())).toEqual([message]);
  expect(said(web([undeclared, { ...good, name: "b", ports: undefined }]), service())).toEqual([]);
});

test("leaves what ends by itself alone", () => {
  const jobs = formsOf({ containers: [silent] }).filter(([kind]) => kind.endsWith("Job"));
  expect(jobs).toHaveLength(2);
  for (const [, job] of jobs) expect(said(job, service())).toEqual([]);
  expect(said(web([silent], { restartPolicy: "Never" }), service())).toEqual([]);
});

test("what is not known yet is said to be", () => {
  expect(said(web([silent]), service({ selector: unknown }))).toEqual([
    expect.stringContaining("cannot be judged before the update"),
  ]);
});
