import { z } from "zod";
import { manifestsOf, planAdmission } from "../../../../policies/lib/cel/admission-plan.ts";
import { celRule } from "../../../../policies/lib/cel/rule.ts";
import { parsePolicyConfig } from "../../../../policies/lib/config.ts";
import { noParameters } from "../../../../policies/lib/rule.ts";
import { refusals, type Request } from "../../api-server.ts";
import { formOf } from "../../cel.ts";

const text = { severity: "low", title: "t.", why: "w.", fix: "f." } as const;
const rule = celRule({
  ...text,
  name: "pack-require-name",
  level: "mandatory",
  parameters: z.strictObject({ name: z.string().default("app") }).prefault({}),
  cel: ({ name }) => ({
    variables: { wanted: JSON.stringify(name) },
    checks: [
      {
        each: "containers",
        where: 'it.role == "app"',
        let: { own: "it.value.name" },
        valid: "own == variables.wanted",
        path: "{it.path}.name",
        problem: "{it.who} is not {variables.wanted}",
        fix: "Correct {path}.",
      },
    ],
  }),
});
const other = { ...rule, name: "pack-require-other-name" };
const planned = (config: object, exempt = {}) =>
  planAdmission([rule], parsePolicyConfig(config, [rule, other], "config"), exempt);
const exemption = { rule: rule.name, reason: "it is older than the rule", expires: "2027-03-31" };

test("a check is a validation with its message, and only the variables that it needs, in their order", () => {
  const [one] = planned({});
  expect(one?.policy.variables.map(({ name }) => name)).toEqual(
    ["path", "spec", "containers", "wanted"].toSorted(byNeed),
  );
  expect(one?.policy.validations).toEqual([
    {
      expression:
        'variables.containers.filter(it, it.role == "app").all(it, [it.value.name].all(own, own == variables.wanted))',
      messageExpression:
        'variables.containers.filter(it, it.role == "app").filter(it, !([it.value.name].all(own, own == variables.wanted))).map(it, [it.value.name].map(own, string(it.who) + " is not " + string(variables.wanted) + ". " + "Correct " + string(it.path) + ".name" + ".")[0])[0]',
      reason: "Forbidden",
    },
  ]);
});
const order = ["spec", "path", "containers", "wanted"];
const byNeed = (a: string, b: string) => order.indexOf(a) - order.indexOf(b);

test("parameters are constants, and levels say what happens", () => {
  const rules = { [rule.name]: { level: "advisory", parameters: { name: "web" } } };
  const [one] = planned({ rules });
  expect(one?.policy.variables).toContainEqual({ name: "wanted", expression: '"web"' });
  expect(one?.binding.validationActions).toEqual(["Warn", "Audit"]);
  expect(planned({})[0]?.binding.validationActions).toEqual(["Deny"]);
  const repairing = { ...rule, remedy: { text: "It adds a name", kinds: [], repairs: () => [] } };
  const config = parsePolicyConfig({ rules: { [rule.name]: { level: "remediate" } } }, [repairing], "config");
  expect(planAdmission([repairing], config, {})[0]?.binding.validationActions).toEqual(["Deny"]);
  expect(planned({ rules: { [rule.name]: { level: "disabled" } } })).toEqual([]);
});

test("a rule without CEL, or without anything to check, makes nothing", () => {
  const empty = celRule({
    ...text,
    name: "pack-none",
    level: "advisory",
    parameters: noParameters,
    cel: () => ({ checks: [] }),
  });
  const config = parsePolicyConfig({}, [], "config");
  const { cel, ...plain } = rule;
  expect(cel).toBeDefined();
  expect(planAdmission([empty, plain], config, {})).toEqual([]);
});

test("exempt namespaces are not selected, and an annotation says why", () => {
  const [one] = planned({}, { legacy: "it is taken down in the spring" });
  expect(one?.binding.matchResources.namespaceSelector).toEqual({
    matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["legacy"] }],
  });
  expect(one?.annotations["quintet.dev/exempt"]).toBe("namespace legacy: it is taken down in the spring");
});

test("an exempt object is left alone with what it makes, and what is exempt of it is not held against it", () => {
  const whole = { ...exemption, kind: "Deployment", namespace: "shop", name: "web" };
  const [one] = planned({ exemptions: [whole] });
  expect(one?.policy.matchConditions.at(-1)?.expression).toBe(
    '!(request.namespace == "shop" && ((request.kind.kind == "Deployment" && (has(object.metadata.name) ? object.metadata.name : "") == "web") || (has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(o, o.kind in ["Deployment", "ReplicaSet"] && (o.name == "web" || o.name.startsWith("web-"))))))',
  );
  expect(one?.annotations["quintet.dev/exempt"]).toBe(
    "Deployment shop/web: it is older than the rule (until 2027-03-31)",
  );
  const [part] = planned({
    exemptions: [{ ...exemption, namespace: "shop", path: "spec.template.spec.containers[1]" }],
  });
  expect(part?.policy.matchConditions).toHaveLength(1);
  expect(part?.policy.validations[0]?.expression).toContain(
    '(own == variables.wanted) || (request.namespace == "shop" && (string(it.path) + ".name").startsWith(variables.path + ".containers[1]"))',
  );
});

/** What the rule says of an object, by this configuration. */
const saidOf = (config: object, request: Request) => {
  const [one] = planned(config);
  if (one === undefined) throw new Error("There is no policy.");
  return refusals(one.policy, request);
};
const wrong = (path: string) => `container "db" is not app. Correct ${path}.name.`;

test("whatever makes pods is asked about, when it is made and when it is changed", () => {
  const [apiVersions, operations] = [["v1"], ["CREATE", "UPDATE"]];
  expect(planned({})[0]?.policy).toMatchObject({
    failurePolicy: "Fail",
    matchConstraints: {
      resourceRules: [
        {
          apiGroups: [""],
          apiVersions,
          operations,
          resources: ["pods", "pods/ephemeralcontainers", "podtemplates", "replicationcontrollers"],
        },
        {
          apiGroups: ["apps"],
          apiVersions,
          operations,
          resources: ["deployments", "statefulsets", "daemonsets", "replicasets"],
        },
        { apiGroups: ["batch"], apiVersions, operations, resources: ["jobs", "cronjobs"] },
      ],
    },
  });
});

describe("what was there before the rule", () => {
  const [app, db] = [{ containers: [{ name: "app" }] }, { containers: [{ name: "db" }] }];
  const labelled = (object: object) => ({ ...object, metadata: { name: "web", labels: { team: "shop" } } });

  test.each([
    ["is refused when it is made", formOf("Deployment", db), undefined, [wrong("spec.template.spec.containers[0]")]],
    ["is refused when its pods become wrong", formOf("Pod", db), formOf("Pod", app), [wrong("spec.containers[0]")]],
    [
      "is refused when its template becomes wrong",
      formOf("PodTemplate", db),
      formOf("PodTemplate", app),
      [wrong("template.spec.containers[0]")],
    ],
    ["passes when it becomes right", formOf("Deployment", app), formOf("Deployment", db), []],
    ["may still be labelled", labelled(formOf("Deployment", db)), formOf("Deployment", db), undefined],
    ["may still be labelled as a template", labelled(formOf("PodTemplate", db)), formOf("PodTemplate", db), undefined],
  ])("%s", (_, object, old, messages) => {
    expect(saidOf({}, { object, ...(old === undefined ? {} : { old }) })).toEqual(messages);
  });
});

describe("an exemption", () => {
  const spec = { containers: [{ name: "db" }] };
  const owned = (kind: string, name: string, owner?: readonly [kind: string, name: string]) => ({
    ...formOf(kind, spec),
    metadata: { name, ...(owner === undefined ? {} : { ownerReferences: [{ kind: owner[0], name: owner[1] }] }) },
  });
  const left = (exempt: object, object: object, namespace?: string) =>
    saidOf(
      { exemptions: [{ ...exemption, ...exempt }] },
      { object, ...(namespace === undefined ? {} : { namespace }) },
    ) === undefined;
  const web = { kind: "Deployment", namespace: "shop", name: "web" };

  test.each([
    ["the object", web, owned("Deployment", "web"), true],
    ["none of another name", web, owned("Deployment", "web-2"), false],
    ["none of another kind", web, owned("StatefulSet", "web"), false],
    ["what it makes", web, owned("ReplicaSet", "web-7c9f", ["Deployment", "web"]), true],
    ["what that makes", web, owned("Pod", "web-7c9f-x2", ["ReplicaSet", "web-7c9f"]), true],
    ["nothing that another makes", web, owned("Pod", "website-1", ["ReplicaSet", "website-1"]), false],
    ["nothing that another kind makes", web, owned("Pod", "web-0", ["StatefulSet", "web"]), false],
    ["a kind", { kind: "StatefulSet" }, owned("StatefulSet", "db"), true],
    ["what a kind makes", { kind: "StatefulSet" }, owned("Pod", "db-0", ["StatefulSet", "db"]), true],
    ["nothing of other kinds", { kind: "StatefulSet" }, owned("Pod", "db-0", ["DaemonSet", "db"]), false],
    ["a CronJob", { kind: "CronJob" }, owned("CronJob", "night"), true],
    ["a CronJob's Jobs", { kind: "CronJob" }, owned("Job", "night-1", ["CronJob", "night"]), true],
    ["a CronJob's Pods", { kind: "CronJob" }, owned("Pod", "night-1-x", ["Job", "night-1"]), true],
    ["no Job of nobody's", { kind: "CronJob" }, owned("Job", "night-1"), false],
    ["a Deployment's Pods", { kind: "Deployment" }, owned("Pod", "web-1-x", ["ReplicaSet", "web-1"]), true],
    ["a name", { name: "web" }, owned("DaemonSet", "web"), true],
    ["what a name makes", { name: "web" }, owned("Pod", "web-x", ["DaemonSet", "web"]), true],
    ["nothing of another name", { name: "web" }, owned("Pod", "api-x", ["DaemonSet", "api"]), false],
    ["nothing that has no name yet", { name: "web" }, { ...formOf("Pod", spec), metadata: {} }, false],
    ["a name that a version ends", { name: "istiod-*" }, owned("Deployment", "istiod-1-31"), true],
    ["what a name that a version ends makes", { name: "istiod-*" }, owned("Pod", "x", ["Job", "istiod-1-31-y"]), true],
    ["no name without that beginning", { name: "istiod-*" }, owned("Deployment", "istio"), false],
    ["a namespace", { namespace: "shop" }, owned("Pod", "any"), true],
  ])("is for %s", (_, exempt, object, isLeft) => {
    expect(left(exempt, object)).toBe(isLeft);
  });

  test("is for its own namespace", () => {
    expect(left(web, owned("Deployment", "web"), "other")).toBe(false);
    expect(left({ namespace: "shop" }, owned("Pod", "any"), "other")).toBe(false);
  });

  test("is for its own rule", () => {
    const [one] = planned({ exemptions: [{ ...exemption, ...web, rule: other.name }] });
    expect(one?.policy.matchConditions.map(({ name }) => name)).toEqual(["changed"]);
    expect(Object.keys(one?.annotations ?? {})).toEqual(["quintet.dev/title", "quintet.dev/why"]);
  });

  test("of a whole object is a condition of its own, and none of what is asked of others", () => {
    const [one] = planned({ exemptions: [web, { kind: "Job" }].map((exempt) => ({ ...exemption, ...exempt })) });
    expect(one?.policy.matchConditions.map(({ name }) => name)).toEqual(["changed", "exempt-0", "exempt-1"]);
    expect(one?.policy.validations[0]?.expression).not.toContain("request.");
  });
});

describe("an exemption of a part", () => {
  const containers = ["app", "db", "db"].map((name) => ({ name }));
  const parts = (...paths: string[]) => paths.map((path) => ({ ...exemption, namespace: "shop", path }));
  const said = (kind: string, ...paths: string[]) =>
    saidOf({ exemptions: parts(...paths) }, { object: formOf(kind, { containers }) });

  test.each([
    ["Pod", "spec.containers[1]", "spec"],
    ["PodTemplate", "template.spec.containers[1]", "template.spec"],
    ["Deployment", "spec.template.spec.containers[1]", "spec.template.spec"],
    ["CronJob", "spec.jobTemplate.spec.template.spec.containers[1]", "spec.jobTemplate.spec.template.spec"],
    // What it is for makes what has the same part at another path.
    ["Pod", "spec.template.spec.containers[1]", "spec"],
    ["ReplicaSet", "spec.template.spec.containers[1].name", "spec.template.spec"],
  ])("of a %s leaves all else to the rule: %s", (kind, path, place) => {
    expect(said(kind, path)).toEqual([wrong(`${place}.containers[2]`)]);
  });

  test.each([
    ["two containers", ["spec.containers[1]", "spec.containers[2]"]],
    ["every container", ["spec.containers"]],
    ["all of the spec", ["spec"]],
    ["all of a template's spec", ["spec.template.spec"]],
    ["a whole template", ["spec.template"]],
    ["part of a step's name", ["spec.cont"]],
  ])("may be of %s", (_, paths) => {
    expect(said("Pod", ...paths)).toEqual([]);
  });

  test.each([
    ["Deployment", "spec.template", []],
    ["Deployment", "spec.template.spec.containers", []],
    ["CronJob", "spec.jobTemplate", []],
    ["Deployment", "spec.containers", ["spec.template.spec.containers[1]"]], // where a Pod has them, and a Deployment has nothing
    ["Pod", "spec.template.spec.containers", ["spec.containers[1]"]],
    ["Deployment", "spec.jobTemplate", ["spec.template.spec.containers[1]"]],
  ])("of a %s by its own path is as it is read: %s", (kind, path, places) => {
    const exemptions = [{ ...exemption, kind, path }];
    expect(saidOf({ exemptions }, { object: formOf(kind, { containers }) })).toEqual(places.map(wrong));
  });

  test("that is of all of the spec is of the pod itself, too", () => {
    const check = { each: "pod", valid: "false", path: "{it.path}", problem: "no", fix: "Correct {path}." } as const;
    const exemptions = [{ ...exemption, kind: "Deployment", path: "spec.template.spec" }];
    const config = parsePolicyConfig({ exemptions }, [rule], "config");
    const [one] = planAdmission([{ ...rule, cel: () => ({ checks: [check] }) }], config, {});
    expect(one && refusals(one.policy, { object: formOf("Deployment", { containers }) })).toEqual([]);
    expect(one && refusals(one.policy, { object: formOf("Pod", { containers }) })).toEqual(["no. Correct spec."]);
  });

  test.each([["spec.containers[0]"], ["spec.volumes"], ["metadata.labels"]])("is of no other part: %s", (path) => {
    expect(said("Pod", path)).toEqual([wrong("spec.containers[1]")]);
  });

  test("is for its own object", () => {
    const exemptions = parts("spec.containers").map((one) => ({ ...one, namespace: "other" }));
    expect(saidOf({ exemptions }, { object: formOf("Pod", { containers }) })).toEqual([wrong("spec.containers[1]")]);
  });
});

test("an annotation says all that is exempt, and none does where nothing is", () => {
  const exemptions = [
    { ...exemption, kind: "Job" },
    { ...exemption, namespace: "shop", name: "web", path: "spec.containers[1]" },
  ];
  const shared = { "quintet.dev/title": "t.", "quintet.dev/why": "w." };
  expect(planned({})[0]?.annotations).toEqual(shared);
  expect(planned({ exemptions }, { zoo: "it is old", bank: "it is new" })[0]?.annotations).toEqual({
    ...shared,
    "quintet.dev/exempt": [
      "namespace zoo: it is old",
      "namespace bank: it is new",
      "Job */*: it is older than the rule (until 2027-03-31)",
      "any shop/web spec.containers[1]: it is older than the rule (until 2027-03-31)",
    ].join("\n"),
  });
});

test("namespaces are selected by what they are not, in the order of their names", () => {
  const selector = (exempt: object) => planned({}, exempt)[0]?.binding.matchResources.namespaceSelector;
  expect(selector({})).toEqual({});
  expect(selector({ zoo: "it is old", bank: "it is new" })).toMatchObject({
    matchExpressions: [{ values: ["bank", "zoo"] }],
  });
});

test("both manifests carry the rule's name and its annotations", () => {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const metadata = { name: rule.name, annotations: { "quintet.dev/title": "t.", "quintet.dev/why": "w." } };
  expect(planned({}).flatMap(manifestsOf)).toMatchObject([
    { apiVersion, kind: "ValidatingAdmissionPolicy", metadata, spec: { failurePolicy: "Fail" } },
    { apiVersion, kind: "ValidatingAdmissionPolicyBinding", metadata, spec: { policyName: rule.name } },
  ]);
});
