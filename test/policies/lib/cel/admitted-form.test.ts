import { isCelMap } from "@bufbuild/cel";
import { variablesOf } from "../../../../policies/lib/cel/admitted-form.ts";
import { unknown } from "../../../lib/unknown.ts";
import { formOf, textOf, workloadIn } from "../../cel.ts";
import { deployment, pod } from "../../workloads.ts";

const app = (resources: unknown) => pod({ containers: [{ name: "app", resources }] });
const keys = (map: string) => `${map}.map(key, key).join(" ")`;

describe("variables", () => {
  const workload = workloadIn(deployment(pod()));
  const given = variablesOf(workload);

  test("are those of a workload, and no others", () => {
    expect([given("kind"), given("path"), given("patch")]).toEqual(["Deployment", "spec.template.spec", false]);
    expect(given("names")).toBeUndefined();
  });

  test("are made once for every rule", () => {
    expect(given("containers")).toBeDefined();
    expect(variablesOf(workload)("containers")).toBe(given("containers"));
    expect(given("spec")).toBe(given("spec"));
  });

  test("have containers by their names", () => {
    const containers = [{ name: "app" }, { name: unknown }, {}];
    expect(textOf("variables.containers.map(it, it.who).join()", pod({ containers }))).toBe(
      'container "app"container ""container ""',
    );
  });

  test("have the pod with its path and its spec", () => {
    expect(textOf('variables.pod.map(it, it.who + " " + it.path).join()')).toBe("the pod spec.template.spec");
    expect(isCelMap(given("spec"))).toBe(true);
    expect(textOf("variables.pod[0].value.restartPolicy", pod({ restartPolicy: "Never" }), "Pod")).toBe("Never");
  });
});

describe("volumes", () => {
  const said = (volumes: unknown) =>
    textOf('variables.volumes.map(it, it.who + " " + it.path).join(", ")', pod({ volumes }));

  test.each([
    ["by their names", [{ name: "a" }, { name: "b" }], 'volume "a" @[0], volume "b" @[1]'],
    ["without a name", [{ emptyDir: {} }], 'volume "" @[0]'],
    ["with one that is not known yet", [{ name: unknown, emptyDir: {} }], 'volume "" @[0]'],
    ["none", [], ""],
  ])("%s", (_, volumes, text) => {
    expect(said(volumes)).toBe(text.replaceAll("@", "spec.template.spec.volumes"));
  });

  test("have an emptyDir only where they say nothing", () => {
    const volumes = [{ name: "a" }, { name: "b", configMap: { name: "c" } }, {}];
    const each = "variables.volumes.map(it, string(has(it.value.emptyDir))).join()";
    expect(textOf(each, pod({ volumes }))).toBe("truefalsetrue");
  });

  test("have nothing in such an emptyDir", () => {
    expect(textOf("variables.volumes[0].value.emptyDir.size()", pod({ volumes: [{ name: "a" }] }))).toBe("0");
  });
});

describe("a container's resources", () => {
  const there = "has(it.value.resources)";

  test.each([
    ["are there where they are written", { limits: {} }, "true"],
    ["are not there where they are null", null, "false"],
    ["are not there where nothing is written", undefined, "false"],
  ])("%s", (_, resources, text) => {
    expect(textOf(there, app(resources))).toBe(text);
    expect(textOf(there, app(resources), "Pod")).toBe(text);
  });

  test.each([
    ["Pod", "requests", "cpu memory"],
    ["Deployment", "requests", "cpu"],
    ["Pod", "limits", "memory"],
    ["Deployment", "limits", "memory"],
  ])("of a %s have %s of %s", (kind, side, names) => {
    const resources = { requests: { cpu: "1" }, limits: { memory: "1Gi" } };
    expect(textOf(keys(`it.value.resources.${side}`), app(resources), kind)).toBe(names);
  });

  test.each([
    ["Pod", {}, "falsefalse"],
    ["Deployment", { requests: {}, limits: {} }, "falsefalse"],
    ["Deployment", { limits: { cpu: 1 } }, "falsetrue"],
    ["Pod", { limits: { cpu: 1 } }, "truetrue"],
    ["Pod", { requests: { cpu: 1 } }, "truefalse"],
  ])("of a %s have a side where it has anything: %j", (kind, resources, text) => {
    const sides = "string(has(it.value.resources.requests)) + string(has(it.value.resources.limits))";
    expect(textOf(sides, app(resources), kind)).toBe(text);
  });

  test("are asked for what is in neither", () => {
    const resources = { requests: { cpu: "1" }, limits: { cpu: "1" } };
    expect(textOf('"memory" in it.value.resources.requests', app(resources), "Pod")).toBe("false");
    expect(textOf('"memory" in it.value.resources.limits', app(resources), "Pod")).toBe("false");
  });

  test.each([
    ["100m", "100m"],
    ["0.1", "0.1"],
    [2, "2"],
    ["1500u", "2m"],
    ["-1500u", "-2m"],
    ["0.0001Ki", "103m"],
    [null, "0"],
    ["1 core", "1 core"],
    [{ cores: 1 }, '{"cores":1}'],
    [true, "true"],
  ])("%j is kept as %s", (written, text) => {
    expect(textOf("it.value.resources.limits.cpu", app({ limits: { cpu: written } }))).toBe(text);
  });
});

describe("what a pod says for all of its containers", () => {
  const spec = (resources: unknown) =>
    pod({ containers: [{ name: "app", resources: { requests: { memory: "1Gi" } } }], resources });
  const side = (name: string) => `variables.spec.resources.${name}`;
  const said = (kind: string, name: string, resources: unknown) =>
    textOf(`has(${side(name)}) ? ${keys(side(name))} : "none"`, spec(resources), kind);

  test.each([
    ["a template's requests do not follow from its limits", "Deployment", "requests", { limits: { cpu: "3" } }, "none"],
    ["a template's limits are as written", "Deployment", "limits", { limits: { cpu: "3" } }, "cpu"],
    [
      "a Pod's requests follow from its limits and its containers",
      "Pod",
      "requests",
      { limits: { cpu: "3" } },
      "cpu memory",
    ],
    ["a Pod's limits are as written", "Pod", "limits", { limits: { cpu: "3" } }, "cpu"],
    ["a Pod's limits do not follow from its requests", "Pod", "limits", { requests: { cpu: "3" } }, "none"],
    ["a Pod's requests are as written where nothing is limited", "Pod", "requests", { requests: { cpu: "3" } }, "cpu"],
    ["a Pod that says nothing of them requests nothing", "Pod", "requests", {}, "none"],
    ["a Pod that says nothing of them limits nothing", "Pod", "limits", {}, "none"],
  ])("%s", (_, kind, name, resources, text) => {
    expect(said(kind, name, resources)).toBe(text);
  });

  test.each(["Pod", "Deployment"])("is not there where a %s does not write it", (kind) => {
    expect(textOf("has(variables.spec.resources)", pod(), kind)).toBe("false");
    expect(textOf("has(variables.spec.resources)", pod({ resources: null }), kind)).toBe("false");
  });

  test.each([
    ["Pod", "cpu", "3000m"],
    ["Pod", "memory", "much"],
    ["Pod", "pids", "none"],
    ["Deployment", "cpu", "3"],
    ["Deployment", "memory", "much"],
  ])("has in a %s a limit of %s that is %s", (kind, key, text) => {
    const limits = side("limits");
    const own = spec({ limits: { cpu: "3", memory: "much" } });
    expect(textOf(`"${key}" in ${limits} ? ${limits}["${key}"] : "none"`, own, kind)).toBe(text);
  });
});

test("a CronJob's path and spec are those of its pods", () => {
  const workload = workloadIn(formOf("CronJob", pod()));
  expect(variablesOf(workload)("path")).toBe("spec.jobTemplate.spec.template.spec");
  expect(textOf("variables.kind + string(variables.spec.automountServiceAccountToken)", pod(), "CronJob")).toBe(
    "CronJobfalse",
  );
});
