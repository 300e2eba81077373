import { clusterForm, validationOf, variablesFor } from "../../../../policies/lib/cel/cluster-form.ts";
import { valueIn } from "../../api-server.ts";
import { checkOf, formOf } from "../../cel.ts";

/** What an expression with variables comes to for an object, as text. */
const seen = (expression: string, object: object) => valueIn(expression, variablesFor([expression], {}), { object });

describe("what the API server is shown in the place of a workload", () => {
  const spec = {
    initContainers: [
      { name: "migrate" },
      { name: "proxy", restartPolicy: "Always" },
      { name: "warm", restartPolicy: "OnFailure" },
    ],
    containers: [{ name: "app" }, { name: "logs" }],
    ephemeralContainers: [{ name: "debug" }],
    volumes: [{ name: "data", emptyDir: {} }, { name: "tls" }],
  };
  const paths = [
    ["Pod", "spec"],
    ["PodTemplate", "template.spec"],
    ["Deployment", "spec.template.spec"],
    ["ReplicaSet", "spec.template.spec"],
    ["ReplicationController", "spec.template.spec"],
    ["StatefulSet", "spec.template.spec"],
    ["DaemonSet", "spec.template.spec"],
    ["Job", "spec.template.spec"],
    ["CronJob", "spec.jobTemplate.spec.template.spec"],
  ] as const;

  test.each(paths)("a %s has the spec of its pods at %s", (kind, path) => {
    const object = formOf(kind, spec);
    expect(seen("variables.path", object)).toBe(path);
    expect(seen("variables.spec.containers.map(c, c.name).join()", object)).toBe("applogs");
    expect(seen("variables.kind", object)).toBe(kind);
    expect(seen("variables.patch", object)).toBe(false);
  });

  test.each(paths)("a %s has its containers with their roles, in the order of the start, at %s", (kind, path) => {
    const each = 'variables.containers.map(c, c.who + " " + c.role + " " + string(c.index) + " " + c.path).join(", ")';
    const initial = `${path}.initContainers`;
    expect(seen(each, formOf(kind, spec))).toBe(
      [
        `container "migrate" init 0 ${initial}[0]`,
        `container "proxy" sidecar 1 ${initial}[1]`,
        `container "warm" init 2 ${initial}[2]`,
        `container "app" app 1000 ${path}.containers[0]`,
        `container "logs" app 1001 ${path}.containers[1]`,
        `container "debug" ephemeral 2000 ${path}.ephemeralContainers[0]`,
      ].join(", "),
    );
  });

  test.each(paths)("a %s has its volumes and itself at %s", (kind, path) => {
    const object = formOf(kind, spec);
    expect(seen('variables.volumes.map(v, v.who + " " + v.path).join(", ")', object)).toBe(
      `volume "data" ${path}.volumes[0], volume "tls" ${path}.volumes[1]`,
    );
    expect(seen('variables.pod.map(p, p.who + " " + p.path).join(", ")', object)).toBe(`the pod ${path}`);
  });

  test("items are what is written of them", () => {
    const object = formOf("Deployment", spec);
    expect(seen("variables.containers[1].value.restartPolicy", object)).toBe("Always");
    expect(seen("variables.volumes.map(v, string(has(v.value.emptyDir))).join()", object)).toBe("truefalse");
    expect(seen("variables.pod[0].value.volumes.size()", object)).toBe(2n);
  });

  test.each([
    ["a pod without volumes and other containers", formOf("Pod", { containers: [{ name: "app" }] }), 1n],
    ["a pod without anything", formOf("Deployment", {}), 0n],
    ["a ReplicationController without a template", { kind: "ReplicationController", spec: { replicas: 1 } }, 0n],
  ])("%s has lists all the same", (_, object, containers) => {
    expect(seen("variables.containers.size()", object)).toBe(containers);
    expect(seen("variables.volumes.size()", object)).toBe(0n);
  });
});

describe("variables", () => {
  test.each([
    ["none where none is asked for", ["it.value.image"], []],
    ["what one is made of comes before it", ["variables.pod"], ["path", "spec", "pod"]],
    ["each comes once", ["variables.kind + variables.path", "variables.kind"], ["kind", "path"]],
    ["the rule's own may use those of all and each other", ["variables.most"], ["spec", "least", "most"]],
    ["what only ends in the word is none", ["myvariables.kind"], []],
  ])("%s", (_, texts, names) => {
    const own = { least: "variables.spec.size()", most: "variables.least * 2" };
    expect(variablesFor(texts, own).map(({ name }) => name)).toEqual(names);
  });

  test("are an error where a rule asks for one that is not there", () => {
    expect(() => variablesFor(["variables.images"], {})).toThrow(
      "A rule asks for variables.images, and there is none.",
    );
  });

  test("have the rule's own expression", () => {
    expect(variablesFor(["variables.wanted"], { wanted: "[1]" })).toEqual([{ name: "wanted", expression: "[1]" }]);
  });
});

describe("a check is one validation", () => {
  test("of all items where it says no others", () => {
    const check = checkOf({
      valid: "has(it.value.image)",
      path: "{it.path}.image",
      problem: "{it.who} has no image",
      fix: "Set {path}.",
    });
    expect(validationOf(check)).toEqual({
      expression: "variables.containers.all(it, has(it.value.image))",
      messageExpression:
        'variables.containers.filter(it, !(has(it.value.image))).map(it, string(it.who) + " has no image" + ". " + "Set " + string(it.path) + ".image" + ".")[0]',
      reason: "Forbidden",
    });
  });

  const object = formOf("Deployment", {
    containers: [
      { name: "a", resources: { limits: { cpu: "1" } } },
      { name: "b", resources: { limits: { cpu: "1", pids: "2", memory: "none" } } },
    ],
  });
  const keyed = checkOf({
    where: 'it.value.name != "c"',
    let: { limits: "it.value.resources.limits", count: "limits.size()" },
    keys: "limits",
    valid: "isQuantity(limits[key]) && count > 0",
    path: "{it.path}.resources.limits.{key}",
    problem: "{it.who} has {count} limits, and that of {key} is {limits[key]}",
    fix: "Correct {path}.",
  });
  const answer = (check: typeof keyed, exempt?: (path: string) => string | undefined) => {
    const { variables, validations } = clusterForm({ checks: [check] }, exempt);
    const [one] = validations;
    const valid = valueIn(one?.expression ?? "", variables, { object });
    return valid === true ? valid : valueIn(one?.messageExpression ?? "", variables, { object });
  };

  test("of every key, with a message about the first that is wrong", () => {
    expect(answer(keyed)).toBe(
      'container "b" has 3 limits, and that of memory is none. Correct spec.template.spec.containers[1].resources.limits.memory.',
    );
    expect(answer({ ...keyed, where: 'it.value.name == "a"' })).toBe(true);
  });

  test("that lets pass what is exempt, by its path, and goes on to what is not", () => {
    const memory = (path: string) => `(${path}).endsWith(".memory")`;
    expect(answer(keyed, memory)).toBe(true);
    expect(answer({ ...keyed, valid: "false" }, (path) => `(${path}).endsWith("[0].resources.limits.cpu")`)).toBe(
      'container "b" has 3 limits, and that of cpu is 1. Correct spec.template.spec.containers[1].resources.limits.cpu.',
    );
  });
});
