import { approximate, double, isPositive, room, shown, together } from "../../../../policies/lib/cel/quantities.ts";
import { textOf } from "../../cel.ts";
import { app, pod } from "../../workloads.ts";

const container = (name: string, requests: object, limits: object = {}) => ({ name, resources: { requests, limits } });
const sidecar = (name: string, cpu: string) => ({ ...container(name, { cpu }), restartPolicy: "Always" });
const requested = together("requests", '"cpu"');
const limited = together("limits", '"cpu"');

describe("an amount", () => {
  const cpu = "it.value.resources.limits.cpu";
  const said = (expression: string, amount: unknown) =>
    textOf(expression, app({ resources: { limits: { cpu: amount } } }));

  test.each([
    ["100m", "true", "0.1"],
    [2, "true", "2"],
    ["0", "false", "0"],
    [null, "false", "0"],
    ["-1", "false", "-1"],
    ["much", "false", "0"],
  ])("%j is above zero: %s, and about %s", (amount, positive, number) => {
    expect(said(isPositive(cpu), amount)).toBe(positive);
    expect(said(approximate(cpu), amount)).toBe(number);
  });
});

test.each([
  [2, "2.0"],
  [1.5, "1.5"],
  [0, "0.0"],
])("the number %d is a double as %s", (number, text) => {
  expect(double(number)).toBe(text);
});

test("room is for what sums are off by, and for nothing that anybody writes", () => {
  expect(textOf(`0.1 + 0.2 <= 0.3 * ${room}`)).toBe("true");
  expect(textOf(`1000.001 <= 1000.0 * ${room}`)).toBe("false");
});

describe("what containers come to together", () => {
  test.each([
    [
      "those that run side by side",
      { containers: [container("a", { cpu: "1" }), container("b", { cpu: "500m" })] },
      "1.5",
    ],
    [
      "what is limited and not requested by its limit",
      { containers: [container("a", { cpu: "1" }), container("b", {}, { cpu: "2" })] },
      "3",
    ],
    ["what is requested and limited by its request", { containers: [container("a", { cpu: "1" }, { cpu: "2" })] }, "1"],
    [
      "what says nothing, or no quantity, as nothing",
      { containers: [container("a", { cpu: "much" }), container("b", {}), { name: "c" }] },
      "0",
    ],
    [
      "the largest init container where that is more",
      {
        initContainers: [container("a", { cpu: "2" }), container("b", { cpu: "3" })],
        containers: [container("c", { cpu: "1" })],
      },
      "3",
    ],
    [
      "an init container by its limit, too",
      { initContainers: [container("a", {}, { cpu: "4" })], containers: [container("c", { cpu: "1" })] },
      "4",
    ],
    [
      "sidecars beside the others",
      { initContainers: [sidecar("a", "250m")], containers: [container("c", { cpu: "1" })] },
      "1.25",
    ],
    [
      "an init container with the sidecars that start before it, and not with those after it",
      {
        initContainers: [sidecar("a", "1"), sidecar("b", "2"), container("c", { cpu: "4" }), sidecar("d", "500m")],
        containers: [container("e", {})],
      },
      "7",
    ],
    [
      "nothing of what only looks inside",
      { ephemeralContainers: [container("a", { cpu: "3" })], containers: [container("b", { cpu: "2" })] },
      "2",
    ],
  ])("%s", (_, containers, cores) => {
    expect(textOf(requested, pod(containers))).toBe(cores);
  });

  test("limits are not requests", () => {
    const containers = [container("a", { cpu: "1" }, { cpu: "2" }), container("b", { cpu: "4" })];
    expect(textOf(limited, pod({ containers }))).toBe("2");
  });
});

describe("an amount in a message", () => {
  test.each([
    ["memory", "1073741824.0", "1Gi"],
    ["memory", "1610612736.0", "1536Mi"],
    ["memory", "5497558138880.0", "5Ti"],
    ["ephemeral-storage", "2048.0", "2Ki"],
    ["memory", "1000.0", "1000"],
    ["memory", "0.0", "0"],
    ["requests.memory", "1024.0", "1Ki"],
    ["memory", "2e15", "very much"],
    ["cpu", "1e15", "1000000000000000"],
    ["cpu", "2048.0", "2048"],
    ["cpu", "0.1", "100m"],
    ["cpu", "1.0005", "1001m"],
  ])("%s of %s is %s", (resource, number, text) => {
    expect(textOf(shown(`"${resource}"`, number))).toBe(text);
  });
});
