import fc from "fast-check";
import { backendHalf, type BackendSpec, planBackend, qosProblems } from "../../components/backend-plan.ts";
import { ports } from "../../components/podinfo-plan.ts";
import { minAvailable } from "../../components/workload-plan.ts";
import { requireLimits } from "../../policies/qos/require-limits.ts";
import { judge } from "../lib/judge.ts";

const spec: BackendSpec = {
  app: "backend",
  image: "registry.example/podinfo:1.2.3",
  replicas: { min: 3, max: 10 },
  resources: { cpu: "100m", memory: "64Mi" },
  racks: true,
  qosClass: "Guaranteed",
};
const plan = planBackend(spec);
const pod = plan.deployment.spec.template.spec;
const [container] = pod.containers;

test("the Service, the disruption budget and the Deployment select the pods of the template", () => {
  const { labels } = plan.deployment.spec.template.metadata;
  expect(plan.service.spec.selector).toEqual(labels);
  expect(plan.podDisruptionBudget.spec.selector.matchLabels).toEqual(labels);
  expect(plan.deployment.spec.selector.matchLabels).toEqual(labels);
  for (const { labelSelector } of pod.topologySpreadConstraints) expect(labelSelector.matchLabels).toEqual(labels);
});

test("the connectivity graph knows its pods, and whoever comes may ask them where no gateway stands in front", () => {
  const half = backendHalf("backend", { namespace: "store", closed: "every-pod", open: true });
  expect(half.namespaces).toEqual({ store: { closed: "every-pod" } });
  expect(half.workloads).toEqual([
    {
      namespace: "store",
      name: "backend",
      labels: plan.deployment.spec.template.metadata.labels,
      ports: { http: { port: container?.ports[0]?.containerPort } },
      serviceAccount: plan.deployment.spec.template.spec.serviceAccountName,
    },
  ]);
  expect(half.edges).toMatchObject([{ from: "anyone", to: "store/backend", port: "http" }]);
  expect(backendHalf("backend", { namespace: "store", closed: "every-pod", open: false })).toEqual({
    ...half,
    namespaces: { store: { closed: "every-pod", meshed: "closed" } },
    edges: [],
  });
});

test.each([
  ["Guaranteed", "100m", "64Mi", []],
  ["Guaranteed", "200m", "64Mi", [["qosClass"]]],
  ["Burstable", "200m", "64Mi", []],
  ["Burstable", "0.1", "65536Ki", [["qosClass"]]],
  [
    "Burstable",
    "50m",
    "32Mi",
    [
      ["limits", "cpu"],
      ["limits", "memory"],
    ],
  ],
] as const)("%s with limits of %s and %s over 100m and 64Mi", (qosClass, cpu, memory, paths) => {
  const problems = qosProblems({ cpu: "100m", memory: "64Mi" }, { cpu, memory }, qosClass);
  expect(problems.map(([path]) => path)).toEqual(paths);
});

test("limits of their own are the container's", () => {
  const limits = { cpu: "1", memory: "128Mi" };
  const [burstable] = planBackend({ ...spec, limits }).deployment.spec.template.spec.containers;
  expect(burstable?.resources).toEqual({ requests: spec.resources, limits });
});

test("the Service leads from port 80 to podinfo's 1323", () => {
  expect(ports).toEqual({ container: 1323, service: 80 });
  expect(plan.service.spec.ports).toEqual([{ name: "http", port: 80, targetPort: "http", appProtocol: "http" }]);
  expect(container?.ports).toEqual([{ name: "http", containerPort: 1323 }]);
  expect(container?.command).toContain("--port=1323");
});

test("the autoscaler owns the number of replicas of this Deployment, between the bounds, at half of the cpu", () => {
  expect(plan.deployment.spec).not.toHaveProperty("replicas");
  expect(plan.horizontalPodAutoscaler.spec).toEqual({
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: plan.deployment.metadata.name },
    minReplicas: 3,
    maxReplicas: 10,
    metrics: [
      {
        type: "ContainerResource",
        containerResource: {
          name: "cpu",
          container: pod.containers[0]?.name,
          target: { type: "Utilization", averageUtilization: 50 },
        },
      },
    ],
  });
});

test("every pod is Guaranteed: requests are limits, in every container, for cpu and memory", async () => {
  for (const { resources } of pod.containers) {
    expect(resources.requests).toEqual(spec.resources);
    expect(resources.limits).toEqual(spec.resources);
  }
  expect(await judge(requireLimits, "kubernetes:apps/v1:Deployment", plan.deployment)).toEqual({ violations: [] });
});

test.each(["Guaranteed", "Burstable"] as const)("the Deployment declares that its pods are %s", (qosClass) => {
  const { deployment } = planBackend({ ...spec, qosClass });
  expect(deployment.metadata.annotations).toEqual({ "quintet.dev/qos-class": qosClass });
});

test("the pod meets the restricted Pod Security Standard, with numbers that runAsNonRoot can check", () => {
  expect(pod.securityContext).toEqual({
    runAsNonRoot: true,
    runAsUser: 100,
    runAsGroup: 101,
    fsGroup: 101,
    seccompProfile: { type: "RuntimeDefault" },
  });
  expect(container?.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
  expect([pod.automountServiceAccountToken, plan.serviceAccount.automountServiceAccountToken]).toEqual([false, false]);
});

test("its only writable folder is bounded", () => {
  expect(container?.volumeMounts).toEqual([{ name: "data", mountPath: "/data" }]);
  expect(pod.volumes).toEqual([{ name: "data", emptyDir: { sizeLimit: "16Mi" } }]);
});

test("a stopping pod outlives its endpoints, and podinfo its open requests", () => {
  const sleep = container?.lifecycle.preStop.sleep.seconds ?? 0;
  const drain = Number(/--server-shutdown-timeout=(\d+)s/.exec(container?.command.join(" ") ?? "")?.[1]);
  expect(sleep).toBeGreaterThan(0);
  expect(drain).toBeGreaterThan(0);
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(sleep + drain);
});

test("pods must stand on different nodes, and prefer different racks where there are racks", () => {
  const rules = (racks: boolean) =>
    planBackend({ ...spec, racks }).deployment.spec.template.spec.topologySpreadConstraints.map(
      ({ topologyKey, whenUnsatisfiable }) => [topologyKey, whenUnsatisfiable],
    );
  const nodes = ["kubernetes.io/hostname", "DoNotSchedule"];
  expect(rules(false)).toEqual([nodes]);
  expect(rules(true)).toEqual([nodes, ["topology.kubernetes.io/zone", "ScheduleAnyway"]]);
});

describe("the disruption budget", () => {
  /** How many of `healthy` pods the disruption controller lets go when `replicas` are wanted: it rounds the share up. */
  const evictable = (min: number, replicas: number, healthy = replicas) =>
    Math.max(0, healthy - Math.ceil((replicas * parseInt(minAvailable(min), 10)) / 100));

  test("lets one pod go at the minimum, at least one above it, and none below it", () => {
    const range = fc.integer({ min: 1, max: 10 });
    fc.assert(
      fc.property(range, range, (min, replicas) => {
        expect(evictable(min, min)).toBe(1);
        if (replicas > min) expect(evictable(min, replicas)).toBeGreaterThanOrEqual(1);
        if (replicas < min) expect(evictable(min, replicas)).toBe(0);
        expect(evictable(min, min, min - 1)).toBe(0);
      }),
    );
  });

  test("is what `up` waits for, so that it ends with all replicas ready", () => {
    expect(plan.podDisruptionBudget.metadata.annotations).toEqual({
      "pulumi.com/waitFor": "condition=DisruptionAllowed",
    });
  });
});
