import { requireLimits } from "../../../policies/qos/require-limits.ts";
import { workloadKinds } from "../../../policies/lib/workload.ts";
import { judge } from "../../lib/judge.ts";
import { unknown } from "../../lib/unknown.ts";

const amounts = { cpu: "100m", memory: "64Mi" };
const resources = { requests: amounts, limits: amounts };
const metadata = { namespace: "shop", name: "web" };

/** A pod spec that complies, or with one thing changed. */
const pod = (change: object = {}) => ({ containers: [{ name: "app", resources }], ...change });
const app = (own: object) => pod({ containers: [{ name: "app", ...own }] });

const deployment = (spec: object) => ({ metadata, spec: { template: { spec } } });
const verdict = (spec: object) => judge(requireLimits, "kubernetes:apps/v1:Deployment", deployment(spec));

test("is published under its pack's name and cannot be waved through", () => {
  expect(requireLimits).toMatchObject({ name: "qos-require-limits", level: "mandatory" });
});

test("accepts the baseline", async () => {
  expect(await verdict(pod())).toEqual({ violations: [] });
});

describe("accepts", () => {
  test.each([
    ["a request below its limit", app({ resources: { requests: { cpu: "50m", memory: "1Mi" }, limits: amounts } })],
    [
      "amounts as numbers",
      app({ resources: { requests: { cpu: 0.5, memory: 1e6 }, limits: { cpu: 1, memory: 2e6 } } }),
    ],
    [
      "equal amounts in other words",
      app({ resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1000m", memory: "1024Mi" } } }),
    ],
    ["amounts for the whole pod", { ...app({}), resources }],
    ["an ephemeral container, which can have no resources", pod({ ephemeralContainers: [{ name: "shell" }] })],
    ["no init containers", pod({ initContainers: [] })],
  ])("%s", async (_, spec) => {
    expect(await verdict(spec)).toEqual({ violations: [] });
  });

  test("what is no workload, even when it looks like one", async () => {
    for (const type of ["kubernetes:core/v1:ConfigMap", "quintet:index:Deployment", "aws:ecs/service:Service"]) {
      expect(await judge(requireLimits, type, deployment(app({})))).toEqual({ violations: [] });
    }
  });
});

describe("refuses", () => {
  const at = "spec.template.spec.containers[0].resources";
  const who = 'Deployment shop/web: container "app"';
  const without = (side: "requests" | "limits", resource: "cpu" | "memory") => ({
    resources: { ...resources, [side]: { ...amounts, [resource]: undefined } },
  });
  const noRequest = "so the scheduler places it as if it needed none";
  const noLimit = "so it can take what its neighbours need";

  test.each([
    [
      "no cpu request",
      app(without("requests", "cpu")),
      `${who} has no cpu request, ${noRequest}. Set ${at}.requests.cpu.`,
    ],
    [
      "no memory request",
      app(without("requests", "memory")),
      `${who} has no memory request, ${noRequest}. Set ${at}.requests.memory.`,
    ],
    ["no cpu limit", app(without("limits", "cpu")), `${who} has no cpu limit, ${noLimit}. Set ${at}.limits.cpu.`],
    [
      "no memory limit",
      app(without("limits", "memory")),
      `${who} has no memory limit, ${noLimit}. Set ${at}.limits.memory.`,
    ],
    [
      "an amount that is no quantity",
      app({ resources: { ...resources, limits: { ...amounts, memory: "64MB" } } }),
      `${who} has memory limit "64MB", not a quantity above zero. Correct ${at}.limits.memory.`,
    ],
    [
      "a limit of zero, which the kernel takes for none",
      app({ resources: { requests: { ...amounts, cpu: "1n" }, limits: { ...amounts, cpu: "0" } } }),
      `${who} has cpu limit "0", not a quantity above zero. Correct ${at}.limits.cpu.`,
    ],
    [
      "an init container without a limit",
      pod({ initContainers: [{ name: "migrate", ...without("limits", "cpu") }] }),
      `Deployment shop/web: container "migrate" has no cpu limit, ${noLimit}. Set spec.template.spec.initContainers[0].resources.limits.cpu.`,
    ],
    [
      "a sidecar without a limit",
      pod({ initContainers: [{ name: "proxy", restartPolicy: "Always", ...without("limits", "memory") }] }),
      `Deployment shop/web: container "proxy" has no memory limit, ${noLimit}. Set spec.template.spec.initContainers[0].resources.limits.memory.`,
    ],
    [
      "the second of two containers",
      pod({
        containers: [
          { name: "app", resources },
          { name: "log", ...without("requests", "cpu") },
        ],
      }),
      `Deployment shop/web: container "log" has no cpu request, ${noRequest}. Set spec.template.spec.containers[1].resources.requests.cpu.`,
    ],
    [
      "a wrong amount even when the pod grants one",
      { ...app({ resources: { limits: { cpu: "much" } } }), resources },
      `${who} has cpu limit "much", not a quantity above zero. Correct ${at}.limits.cpu.`,
    ],
  ])("%s", async (_, spec, message) => {
    expect(await verdict(spec)).toEqual({ violations: [message] });
  });

  test("no resources at all, for every missing amount", async () => {
    expect((await verdict(app({}))).violations).toHaveLength(4);
  });

  test("a workload whose containers cannot be seen", async () => {
    expect(await judge(requireLimits, "kubernetes:apps/v1:Deployment", { metadata })).toEqual({
      violations: [
        "Deployment shop/web: There is no list of containers, so their limits cannot be seen. Write them in spec.template.spec.containers.",
      ],
    });
  });
});

describe("sees into", () => {
  const broken = app({ resources: { ...resources, limits: { cpu: "100m" } } });
  const forms: Record<string, (spec: object) => object> = {
    Pod: (spec) => ({ metadata, spec }),
    PodTemplate: (spec) => ({ metadata, template: { spec } }),
    CronJob: (spec) => ({ metadata, spec: { jobTemplate: { spec: { template: { spec } } } } }),
  };

  test.each(workloadKinds)("%s, its list and its patch", async (kind) => {
    const form = forms[kind] ?? deployment;
    for (const [type, props] of [
      [kind, form(broken)],
      [`${kind}Patch`, form(broken)],
      [`${kind}List`, { items: [form(pod()), form(broken)] }],
    ] as const) {
      const { violations } = await judge(requireLimits, `kubernetes:apps/v1:${type}`, props);
      expect(violations).toEqual([expect.stringContaining(`${kind} shop/web: container "app" has no memory limit`)]);
    }
  });

  test("a patch that does not touch containers", async () => {
    const patch = { metadata, spec: { minReadySeconds: 5 } };
    expect(await judge(requireLimits, "kubernetes:apps/v1:DeploymentPatch", patch)).toEqual({ violations: [] });
  });
});

describe("does not pass over what is not known yet", () => {
  test("it says so, and still reports what it can see", async () => {
    const spec = pod({
      containers: [
        { name: "app", resources: { ...resources, limits: { cpu: unknown, memory: "none" } } },
        { name: "log", resources: { ...resources, requests: { cpu: "100m" } } },
      ],
    });
    const { violations, undecided } = await verdict(spec);
    expect(violations).toEqual([
      expect.stringContaining('container "app" has memory limit "none"'),
      expect.stringContaining('container "log" has no memory request'),
    ]);
    expect(undecided).toBe(
      "Deployment shop/web: This cannot be judged before the update, since spec.template.spec.containers[0].resources.limits.cpu is not known until then. It is judged again in the update, and refused if it breaks the rule.",
    );
  });
});
