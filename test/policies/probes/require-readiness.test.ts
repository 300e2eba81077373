import { requireReadiness } from "../../../policies/probes/require-readiness.ts";
import { unknown } from "../../lib/unknown.ts";
import { deployment, pod, saidOf } from "../workloads.ts";
import { at, good, kindsOf, port, saidOfContainer } from "./cases.ts";

const said = (change: object, spec?: object) => saidOfContainer(requireReadiness, change, spec);
const silent = { readinessProbe: undefined };

test.each([
  ["the baseline", {}],
  ["what has no ports", { ...silent, ports: [] }],
  ["what says nothing of ports", { ...silent, ports: undefined }],
  ["what has UDP ports only", { ...silent, ports: [{ ...port, protocol: "UDP" }] }],
])("accepts %s", (_, change) => {
  expect(said(change)).toEqual([]);
});

test("refuses a container with ports, and a sidecar", () => {
  const problem = "has ports and no readiness probe, so that it counts as ready before it answers";
  for (const change of [silent, { ...silent, ports: [{ ...port, protocol: "TCP" }] }])
    expect(said(change)).toEqual([`Deployment shop/web: container "app" ${problem}. Set ${at}.readinessProbe.`]);
  const initContainers = [{ ...good, ...silent, name: "proxy", restartPolicy: "Always" }];
  expect(said({}, { initContainers })).toEqual([expect.stringContaining(`container "proxy" ${problem}`)]);
});

test("leaves what ends by itself alone: Jobs, init containers, pods that are not restarted", () => {
  expect(kindsOf(requireReadiness, silent)).toEqual([
    ...["Pod", "PodTemplate", "Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet"],
  ]);
  expect(said({}, { initContainers: [{ ...good, ...silent, name: "before" }] })).toEqual([]);
  expect(said(silent, { restartPolicy: "OnFailure" })).toEqual([]);
});

test("what is not known yet is said to be, and hides nothing else", () => {
  const containers = [
    { ...good, readinessProbe: unknown },
    { ...good, ...silent, name: "next" },
  ];
  expect(saidOf([requireReadiness], [deployment(pod({ containers }))])).toEqual([
    expect.stringContaining(
      "cannot be judged before the update, since spec.template.spec.containers[0].readinessProbe",
    ),
    expect.stringContaining('container "next" has ports'),
  ]);
});
