import { disallowRequestsAboveLimits } from "../../../policies/qos/disallow-requests-above-limits.ts";
import { amounts, app, deployment, pod, resources, saidOf } from "../workloads.ts";
import { unknown } from "../../lib/unknown.ts";

const said = (spec: object) => saidOf([disallowRequestsAboveLimits], [deployment(spec)]);
const at = "spec.template.spec";

test("accepts the baseline, and what is no workload", () => {
  expect(said(pod())).toEqual([]);
  expect(said(pod({ resources }))).toEqual([]);
  const nothing = { requests: { cpu: "0" } };
  expect(said(pod({ containers: [{ name: "app", resources: nothing }], resources: nothing }))).toEqual([]);
  expect(saidOf([disallowRequestsAboveLimits], [{ kind: "ConfigMap", metadata: { name: "a" } }])).toEqual([]);
});

test("leaves alone what only looks inside: the API server takes no resources there", () => {
  const resources = { requests: { cpu: "2" }, limits: { cpu: "1" } };
  expect(said(pod({ ephemeralContainers: [{ name: "debug", resources }] }))).toEqual([]);
});

test.each([
  [
    "a request above its limit",
    app({ resources: { requests: { ...amounts, cpu: "101m" }, limits: amounts } }),
    `container "app" requests more cpu than its limit, which the API server refuses. Lower ${at}.containers[0].resources.requests.cpu or raise ${at}.containers[0].resources.limits.cpu.`,
  ],
  [
    "a pod's request above its limit",
    pod({ resources: { requests: { memory: "2Gi" }, limits: { memory: "1Gi" } } }),
    `the pod requests more memory than its limit, which the API server refuses. Lower ${at}.resources.requests.memory or raise ${at}.resources.limits.memory.`,
  ],
  [
    "containers that request more together than their pod",
    pod({
      containers: ["a", "b"].map((name) => ({ name, resources: { requests: amounts } })),
      resources: { requests: { cpu: "150m" }, limits: { cpu: "1" } },
    }),
    `the containers request 200m of cpu together, more than the 150m of their pod, which the API server refuses. Raise ${at}.resources.requests.cpu, or lower what the containers request.`,
  ],
  [
    "a container's limit above its pod's",
    pod({ resources: { requests: { cpu: "100m" }, limits: { cpu: "100m", memory: "32Mi" } } }),
    `container "app" is limited to 64Mi of memory, more than the 32Mi of its pod, which the API server refuses. Lower ${at}.containers[0].resources.limits.memory, or raise the pod's limit.`,
  ],
])("refuses %s", (_, spec, message) => {
  expect(said(spec)).toContain(`Deployment shop/web: ${message}`);
});

test.each(["requests", "limits"])("leaves open what %s are not known yet, and says so", (which) => {
  const resources = { requests: amounts, limits: amounts, [which]: { ...amounts, cpu: unknown } };
  expect(said(app({ resources }))).toEqual([
    `Deployment shop/web: This cannot be judged before the update, since ${at}.containers[0].resources.${which}.cpu is not known until then. It is judged again in the update, and refused if it breaks the rule.`,
  ]);
});
