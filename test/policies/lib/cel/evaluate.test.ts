import fc from "fast-check";
import { foreign, imageProblem } from "../../../../components/registries-images.ts";
import { re2Problem } from "../../../../components/re2.ts";
import { clusterForm } from "../../../../policies/lib/cel/cluster-form.ts";
import { findingsOf } from "../../../../policies/lib/cel/evaluate.ts";
import type { Check } from "../../../../policies/lib/cel/form.ts";
import { objectsOfManifest } from "../../../../policies/lib/object.ts";
import { whyNotCel } from "../../../../policies/lib/rule.ts";
import { workloadOf } from "../../../../policies/lib/workload.ts";
import { requireAllowedRegistry } from "../../../../policies/images/require-allowed-registry.ts";
import { requireFixedVersion } from "../../../../policies/images/require-fixed-version.ts";
import { rules } from "../../../../policies/packs.ts";
import { anyWorkloads } from "../../../lib/any-workloads.ts";
import { unknown } from "../../../lib/unknown.ts";
import { deployment, formsOf, pod } from "../../workloads.ts";

/** What checks say of the containers of an object. */
function said(check: Partial<Check>, manifest: object, variables: Readonly<Record<string, string>> = {}) {
  const [object] = objectsOfManifest(manifest);
  const workload = object === undefined ? undefined : workloadOf(object);
  if (workload === undefined) throw new Error("The manifest is no workload.");
  const whole: Check = { each: "containers", valid: "false", path: "{it.path}", problem: "", fix: "", ...check };
  return [...findingsOf({ variables, checks: [whole] }, workload)];
}
/** What an expression comes to for the first container, as text. */
const textOf = (expression: string, spec: object = pod(), kind = "Deployment") => {
  const form = formsOf(spec).find(([name]) => name === kind)?.[1] ?? {};
  const [first] = said({ problem: `{${expression}}` }, form);
  return first !== undefined && "problem" in first ? first.problem : first;
};

describe("reads objects as the API server shows them", () => {
  const resources = (own: object) => pod({ containers: [{ name: "app", resources: own }] });
  const request = "it.value.resources.requests.cpu";

  test.each([
    ["a number as text", { requests: { cpu: 1 } }, "1"],
    ["what is below a thousandth rounded up", { requests: { cpu: "1n" } }, "1m"],
    ["nothing as zero", { requests: { cpu: null } }, "0"],
    ["what is no quantity as it stands", { requests: { cpu: "much" } }, "much"],
  ])("%s", (_, own, text) => {
    expect(textOf(request, resources(own))).toBe(text);
  });

  test("a Pod's requests follow from its limits, and a template's do not", () => {
    const limits = resources({ limits: { cpu: "2" } });
    expect(textOf(request, limits, "Pod")).toBe("2");
    expect(textOf("has(it.value.resources.requests)", limits)).toBe("false");
    const whole = { ...limits, resources: { limits: { cpu: "3" } } };
    expect(textOf("variables.spec.resources.requests.cpu", whole, "Pod")).toBe("2000m");
  });

  test("a volume without a source is an emptyDir, and what is null is not there", () => {
    const volumes = [{ name: "a" }, { name: "b", configMap: {} }, { name: "c", secret: null, emptyDir: {} }];
    expect(textOf("variables.volumes.map(v, string(has(v.value.emptyDir))).join()", pod({ volumes }))).toBe(
      "truefalsetrue",
    );
    expect(textOf("has(variables.volumes[2].value.secret)", pod({ volumes }))).toBe("false");
  });

  test("whole numbers are integers, and the order of the start is the index", () => {
    const spec = pod({
      initContainers: [{ name: "a" }, { name: "b", restartPolicy: "Always" }],
      activeDeadlineSeconds: 7,
    });
    expect(textOf("variables.spec.activeDeadlineSeconds * 2", spec)).toBe("14");
    const roles = 'variables.containers.map(c, c.role + string(c.index) + c.path).join(" ")';
    expect(textOf(roles, spec)).toBe(
      "init0spec.template.spec.initContainers[0] sidecar1spec.template.spec.initContainers[1] app2spec.template.spec.containers[0]",
    );
  });
});

describe("functions of Kubernetes", () => {
  test.each([
    ['isQuantity("1Gi") && !isQuantity("1GB")', "true"],
    ['quantity("1Gi").isGreaterThan(quantity("1G"))', "true"],
    ['quantity("999m").isLessThan(quantity("1"))', "true"],
    ['quantity("1500m").asApproximateFloat() == 1.5', "true"],
    ['quantity("1u").asApproximateFloat() < 0.0001', "true"],
    ['"registry:5000/a:1".find("[0-9]+")', "5000"],
    ['"a".find("b") == ""', "true"],
    ['"ab12".matches("^[a-z]+[0-9]+$")', "true"],
    ["[1.5, 2.5].sum() == 4.0 && [1.0, 3.0, 2.0].max() == 3.0", "true"],
    ['["a", "b"].indexOf("b")', "1"],
    ['["a", "b"].indexOf("c")', "-1"],
    ['"a/b".split("/")[1].substring(0)', "b"],
  ])("%s", (expression, text) => {
    expect(textOf(expression)).toBe(text);
  });

  test("what fails is a finding about the container, in CEL's own words", () => {
    const fails = (expression: string) => {
      const [first] = said({ valid: expression }, deployment(pod()));
      return first !== undefined && "problem" in first ? first : undefined;
    };
    expect(fails('quantity("much") > 0')?.problem).toContain('"much" is no quantity');
    expect(fails("nothing.there")?.problem).toContain('container "app" cannot be judged');
    expect(fails('"text"')?.problem).toContain("string is neither true nor false");
    expect(fails('"a".matches("(?=a)")')?.problem).toContain("looks ahead or behind, which RE2 does not");
    expect(fails("nothing.there")?.path).toBe("spec.template.spec.containers[0]");
  });
});

describe("what is not known yet", () => {
  const spec = pod({
    containers: [
      { name: "app", image: unknown },
      { name: "next", image: "b" },
    ],
  });
  const path = "spec.template.spec.containers[0].image";

  test.each([
    'it.value.image == "b"',
    "!has(it.value.image)",
    '!(has(it.value.image) && it.value.image == "a")',
    'it.value.image == "a" || true',
    '[it.value.image].exists(i, i == "b") || it.value.name == "next"',
    'variables.first == "b" || it.value.name == "next"',
  ])("is said to be, and never passed over: %s", (valid) => {
    const variables = { first: 'it.value.name == "app" ? "a" : "b"' };
    const own = valid.includes("variables.first") ? { first: "variables.containers[0].value.image" } : variables;
    expect(said({ valid }, deployment(spec), own)).toContainEqual({ path, unknown: "later" });
  });

  test("is said once, and hides neither other checks nor other containers", () => {
    const found = said({ valid: 'it.value.image == "a"' }, deployment(spec));
    expect(found).toMatchObject([{ path, unknown: "later" }, { path: "spec.template.spec.containers[1]" }]);
  });
});

test("an image's name is taken apart as registries-images.ts does it", () => {
  const part = fc.constantFrom(
    "a",
    "team",
    "nginx",
    "A",
    "a_b",
    "a..b",
    "a.b",
    "localhost",
    "index.docker.io",
    "docker.io",
    "",
  );
  const image = fc
    .tuple(
      fc.array(part, { minLength: 1, maxLength: 3 }),
      fc.constantFrom("", ":5000", ":1.2", ":latest", ":", `@sha256:${"0".repeat(64)}`),
      fc.constantFrom("", ":80"),
    )
    .map(([[host = "", ...rest], end, port]) => [host + port, ...rest].join("/") + end);
  const allowed = ["docker.io/library", "a.b:80", "localhost/team"];
  const problems = (rule: typeof requireFixedVersion, name: string, parameters: unknown) => {
    const [object] = objectsOfManifest(deployment(pod({ containers: [{ name: "app", image: name }] })));
    const workload = object === undefined ? undefined : workloadOf(object);
    const form = rule.cel?.(rule.parameters.parse(parameters));
    if (workload === undefined || form === undefined) throw new Error("There is nothing to ask.");
    return [...findingsOf(form, workload)].map((one) =>
      "problem" in one ? one.problem.replace(/^.*", which /, "") : one,
    );
  };
  fc.assert(
    fc.property(image, fc.boolean(), (name, requireDigest) => {
      fc.pre(name !== "");
      const wanted = (problem: string | undefined) => (problem === undefined ? [] : [problem]);
      expect(problems(requireFixedVersion, name, { requireDigest })).toEqual(
        wanted(imageProblem(name, { requireDigest })),
      );
      expect(problems(requireAllowedRegistry, name, { allowed })).toEqual(wanted(foreign(name, allowed)));
    }),
    { numRuns: 1000, seed: 20_261_122 },
  );
});

describe("every rule that is CEL", () => {
  const all = rules.flatMap((rule) => {
    const form = rule.cel?.(
      rule.parameters.parse({ ...(rule === requireAllowedRegistry ? { allowed: ["a.b"] } : {}) }),
    );
    return form === undefined ? [] : [{ rule, form }];
  });

  test("is within what the API server takes, with expressions that RE2 reads", () => {
    expect(all.length).toBeGreaterThan(10);
    for (const { form } of all) {
      const { variables, validations } = clusterForm(form);
      const texts = [...variables, ...validations].flatMap((one) => Object.values<string>({ ...one }));
      for (const text of texts)
        for (const [, pattern = '""'] of text.matchAll(/\.(?:matches|find)\(("(?:[^"\\]|\\.)*")\)/g))
          expect(re2Problem(JSON.parse(pattern) as string)).toBeUndefined();
      expect(JSON.stringify({ variables, validations }).length).toBeLessThan(100_000);
    }
  });

  test("has no answer to 300 random workloads but findings", () => {
    for (const manifest of fc.sample(anyWorkloads("shop"), { numRuns: 300, seed: 20_261_122 })) {
      const [object] = objectsOfManifest(manifest);
      const workload = object === undefined ? undefined : workloadOf(object);
      if (workload === undefined) throw new Error("The manifest is no workload.");
      for (const { form } of all)
        for (const finding of findingsOf(form, workload)) expect(finding).toHaveProperty("problem");
    }
  });

  test("and every other says why it is not", () => {
    for (const rule of rules) expect(whyNotCel(rule) === undefined).toBe(rule.cel !== undefined);
  });
});
