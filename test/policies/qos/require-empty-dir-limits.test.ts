import { requireEmptyDirLimits } from "../../../policies/qos/require-empty-dir-limits.ts";
import { deployment, pod, saidOf } from "../workloads.ts";

const said = (emptyDir: object | null, change: object = {}) => {
  const volumes = [
    { name: "conf", configMap: {} },
    { name: "tmp", emptyDir },
  ];
  return saidOf([requireEmptyDirLimits], [deployment(pod({ volumes, ...change }))]);
};
const path = "spec.template.spec.volumes[1].emptyDir.sizeLimit";

test("accepts volumes with a limit, and those of other kinds", () => {
  expect(said({ sizeLimit: "16Mi" })).toEqual([]);
  expect(said({ sizeLimit: "64Mi", medium: "Memory" })).toEqual([]);
  expect(said(null)).toEqual([]);
});

test.each([
  [{}, `may fill the node, since it has no size limit. Set ${path}.`],
  [{ sizeLimit: "0" }, `has size limit "0", not a quantity above zero, and so none. Correct ${path}.`],
  [{ sizeLimit: "lots" }, `has size limit "lots", not a quantity`],
  [{ sizeLimit: "65Mi", medium: "Memory" }, "may grow to 65Mi, more than the pod's limit of 64Mi"],
])("refuses %j", (emptyDir, message) => {
  expect(said(emptyDir)).toEqual([expect.stringContaining(`volume "tmp" `)]);
  expect(said(emptyDir)).toEqual([expect.stringContaining(message)]);
});

describe("in memory it is held to", () => {
  const container = (memory?: string) => ({
    name: "app",
    resources: memory === undefined ? {} : { limits: { memory } },
  });
  const limited = (...memories: readonly (string | undefined)[]) => ({ containers: memories.map(container) });

  test.each([
    ["what its pod is limited to", { resources: { limits: { memory: "32Mi" } } }],
    ["what all containers are limited to", limited("16Mi", "16Mi")],
    ["what some containers are limited to", limited("32Mi", undefined)],
  ])("%s", (_, change) => {
    expect(said({ sizeLimit: "32Mi", medium: "Memory" }, change)).toEqual([]);
    expect(said({ sizeLimit: "33Mi", medium: "Memory" }, change)).toEqual([
      expect.stringContaining("may grow to 33Mi, more than the pod's limit of 32Mi"),
    ]);
  });

  test("a single byte", () => {
    expect(said({ sizeLimit: "1Ki", medium: "Memory" }, limited("1"))).toEqual([
      expect.stringContaining("may grow to 1Ki, more than the pod's limit of 1:"),
    ]);
  });

  test.each([
    ["no limit", limited(undefined)],
    ["a limit of zero, which is none", limited("0")],
    ["a pod's limit of zero", { resources: { limits: { memory: "0" } } }],
    ["the limit of what only looks inside", { ...limited(undefined), ephemeralContainers: [container("1Mi")] }],
  ])("nothing by %s", (_, change) => {
    expect(said({ sizeLimit: "1Gi", medium: "Memory" }, change)).toEqual([]);
  });
});
