import fc from "fast-check";
import { foreign, imageProblem } from "../../../../components/registries-images.ts";
import { re2Problem } from "../../../../components/re2.ts";
import { clusterForm } from "../../../../policies/lib/cel/cluster-form.ts";
import { findingsOf } from "../../../../policies/lib/cel/evaluate.ts";
import { objectsOfManifest } from "../../../../policies/lib/object.ts";
import { whyNotCel } from "../../../../policies/lib/rule.ts";
import { workloadOf } from "../../../../policies/lib/workload.ts";
import { requireAllowedRegistry } from "../../../../policies/images/require-allowed-registry.ts";
import { requireFixedVersion } from "../../../../policies/images/require-fixed-version.ts";
import { rules } from "../../../../policies/packs.ts";
import { unknown } from "../../../lib/unknown.ts";
import { checkOf, said, textOf, workloadIn } from "../../cel.ts";
import { app, deployment, pod } from "../../workloads.ts";

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

describe("what CEL cannot be asked", () => {
  test("is a finding about the container, in CEL's own words", () => {
    const fails = (expression: string) => {
      const [first] = said({ valid: expression }, deployment(pod()));
      return first !== undefined && "problem" in first ? first : undefined;
    };
    expect(fails('quantity("much") > 0')?.problem).toContain('"much" is no quantity');
    expect(fails("nothing.there")?.problem).toContain('container "app" cannot be judged');
    expect(fails('"text"')?.problem).toContain("string is neither true nor false");
    expect(fails('"a".matches("(?=a)")')?.problem).toContain("looks ahead or behind, which RE2 does not");
    expect(fails("nothing.there")).toMatchObject({
      path: "spec.template.spec.containers[0]",
      fix: "Correct what is in {path}.",
    });
  });

  test("is to go through anything but a list or the keys of a map", () => {
    const keysOf = (keys: string) => said({ keys, problem: "{key}" }, deployment(pod()));
    expect(keysOf('["a", "b"]')).toMatchObject([{ problem: "a" }, { problem: "b" }]);
    expect(keysOf('{"c": 1, "d": 2}')).toMatchObject([{ problem: "c" }, { problem: "d" }]);
    const [first, ...rest] = keysOf('"text"');
    expect(first).toMatchObject({ problem: expect.stringContaining("string is neither a list nor a map") as string });
    expect(rest).toEqual([]);
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

  // What fails inside a function, as the comparison of a map does, is joined by CEL with what fails before it.
  test("is said to be behind another failure, too", () => {
    const valid = 'nothing.there || it.value.livenessProbe == {"exec": 1}';
    expect(said({ valid }, deployment(app({ livenessProbe: { exec: unknown } })))).toEqual([
      { path: "spec.template.spec.containers[0].livenessProbe.exec", unknown: "later" },
    ]);
  });

  // What stands first here says nothing but its message, once it is joined with what comes after.
  test.each(['"cpu" in it.value.resources.requests || false', 'false || "cpu" in it.value.resources.requests'])(
    "is said where it is met inside a function: %s",
    (valid) => {
      expect(said({ valid }, deployment(app({ resources: { requests: { cpu: unknown } } })))).toEqual([
        { path: "spec.template.spec.containers[0].resources.requests.cpu", unknown: "later" },
      ]);
    },
  );

  test("is no excuse for what is of a wrong type elsewhere", () => {
    const checks = [checkOf({ valid: 'it.value.image == "a"' }), checkOf({ valid: "it.value.name.there" })];
    expect([...findingsOf({ checks }, workloadIn(deployment(app({ image: unknown }))))]).toEqual([
      { path, unknown: "later" },
      expect.objectContaining({
        problem: expect.stringContaining("is of a type that the API server refuses") as string,
      }),
    ]);
  });

  test("is said beside a problem at the same path", () => {
    const checks = ["false", 'it.value.image == "a"'].map((valid) => checkOf({ valid, path: "{it.path}.image" }));
    expect([...findingsOf({ checks }, workloadIn(deployment(app({ image: unknown }))))]).toEqual([
      { path, problem: "", fix: "" },
      { path, unknown: "later" },
    ]);
  });

  test("is said once, and hides neither other checks nor other containers", () => {
    const found = said({ valid: 'it.value.image == "a"' }, deployment(spec));
    expect(found).toMatchObject([{ path, unknown: "later" }, { path: "spec.template.spec.containers[1]" }]);
    const checks = ["a", "b"].map((image) => checkOf({ valid: `it.value.image == "${image}"` }));
    expect([...findingsOf({ checks }, workloadIn(deployment(app({ image: unknown }))))]).toEqual([
      { path, unknown: "later" },
    ]);
  });
});

test("a finding's texts are filled in, but for its path, which is known to whoever tells it", () => {
  const fix = "Set {path}, or take {it.who} out: {path} has to be there.";
  expect(said({ path: "{it.path}.image", problem: "{it.who} has no image", fix }, deployment(pod()))).toEqual([
    {
      path: "spec.template.spec.containers[0].image",
      problem: 'container "app" has no image',
      fix: 'Set {path}, or take container "app" out: {path} has to be there.',
    },
  ]);
});

test("checks that follow each other are asked of one item after the other, and all others in their turn", () => {
  const spec = pod({ containers: [{ name: "a" }, { name: "b" }], volumes: [{ name: "c" }] });
  const checks = (["containers", "containers", "pod", "volumes", "volumes", "containers"] as const).map((each, index) =>
    checkOf({ each, problem: `${String(index)} {it.who}` }),
  );
  const found = [...findingsOf({ checks }, workloadIn(deployment(spec)))];
  expect(found.map((one) => "problem" in one && one.problem)).toEqual([
    '0 container "a"',
    '1 container "a"',
    '0 container "b"',
    '1 container "b"',
    "2 the pod",
    '3 volume "c"',
    '4 volume "c"',
    '5 container "a"',
    '5 container "b"',
  ]);
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

  test("and every other says why it is not", () => {
    for (const rule of rules) expect(whyNotCel(rule) === undefined).toBe(rule.cel !== undefined);
    const unsaid = rules.filter(
      ({ cel, notCel, sees }) => sees === "object" && cel === undefined && notCel === undefined,
    );
    expect(unsaid.map(({ name }) => name)).toEqual([]);
  });
});
