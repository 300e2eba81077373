import { adopt, unfinished } from "../../scripts/adopt.ts";
import { exportSchema, liveSchema, managerOf, pendingCreates } from "../../scripts/pending.ts";

const urn = (type: string, name: string) => `urn:pulumi:dev::quintet::${type}::${name}`;
const provider = {
  urn: urn("pulumi:providers:kubernetes", "cluster"),
  custom: true,
  id: "p1",
  type: "pulumi:providers:kubernetes",
};
const stackItself = { urn: urn("pulumi:pulumi:Stack", "dev"), type: "pulumi:pulumi:Stack" };
const configMap = (name: string, metadata: object = {}, more: object = {}) => ({
  urn: urn("kubernetes:core/v1:ConfigMap", name),
  custom: true,
  type: "kubernetes:core/v1:ConfigMap",
  inputs: { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "shop", ...metadata }, data: { a: "1" } },
  parent: stackItself.urn,
  provider: `${provider.urn}::p1`,
  ...more,
});
const creating = (resource: object) => ({ resource, type: "creating" });
const exported = (resources: object[], pending: object[]) =>
  exportSchema.parse({
    version: 3,
    deployment: { manifest: { magic: "kept" }, resources, pending_operations: pending },
  });
const live = (managedFields: object[], metadata: object = {}) =>
  liveSchema.parse({ metadata: { name: "made", managedFields, ...metadata } });
const applied = (manager: string, time = "2026-11-22T03:00:00Z") => ({ manager, operation: "Apply", time });
const [ours, older] = ["pulumi-kubernetes-0000aaaa", "pulumi-kubernetes-0000bbbb"];

describe("what was begun", () => {
  test.each([
    {
      what: "an object",
      resource: configMap("one"),
      means: { apiVersion: "v1", kind: "ConfigMap", name: "one", namespace: "shop" },
    },
    {
      what: "a component",
      resource: { urn: urn("quintet:index:Backend", "a"), type: "quintet:index:Backend" },
      means: "again",
    },
    { what: "a provider", resource: provider, means: "again" },
    {
      what: "a command, whose script sees what is done",
      resource: { urn: "u", custom: true, type: "command:remote:Command" },
      means: "again",
    },
    { what: "a thing in a cloud", resource: { urn: "u", custom: true, type: "aws:ec2/vpc:Vpc" }, means: "ask" },
    {
      what: "a release of Helm, which is no object",
      resource: configMap("one", {}, { type: "kubernetes:helm.sh/v3:Release" }),
      means: "ask",
    },
    {
      what: "an object without a name",
      resource: { urn: "u", custom: true, type: "kubernetes:core/v1:Pod", inputs: {} },
      means: "ask",
    },
  ])("$what: $means", ({ resource, means }) => {
    expect(pendingCreates(exported([], [creating(resource)])).map((one) => one.means)).toEqual([means]);
  });

  test("updates and deletions are done again by themselves", () => {
    const operations = ["updating", "deleting", "reading"].map((type) => ({ type, resource: configMap("one") }));
    expect(pendingCreates(exported([], operations))).toEqual([]);
  });
});

/** Whether, and by which name, what is there was made by the run that was cut off. */
function manager(wanted: object, there: ReturnType<typeof live>, resources: object[] = []): string | undefined {
  const state = exported(resources, [creating(wanted)]);
  const [pending] = pendingCreates(state);
  return pending === undefined ? "nothing is pending" : managerOf(pending, there, state);
}

describe("an object that is there", () => {
  test("is of the run that was cut off, by the name that its provider signed with", () => {
    expect(manager(configMap("made"), live([applied(ours)]))).toBe(ours);
    expect(manager(configMap("made"), live([applied(older, "2026-11-21T00:00:00Z"), applied(ours)]))).toBe(ours);
  });

  test.each([
    {
      of: "somebody who does not use this provider",
      there: live([applied("kubectl"), { manager: ours, operation: "Update" }]),
    },
    {
      of: "another stack, which its annotation names",
      there: live([applied(ours)], { annotations: { "quintet.dev/stack": "other" } }),
    },
    { of: "nobody", there: live([]) },
  ])("is not taken from $of", ({ there }) => {
    expect(manager(configMap("made", { annotations: { "quintet.dev/stack": "dev" } }), there)).toBeUndefined();
  });

  test("is not taken from another resource of the stack", () => {
    const known = configMap("other", {}, { outputs: { __fieldManager: ours } });
    expect(manager(configMap("made"), live([applied(ours)]), [known])).toBeUndefined();
  });

  test("that is only patched is taken when just one has patched it", () => {
    const patch = configMap("made", {}, { type: "kubernetes:core/v1:ConfigMapPatch" });
    expect(manager(patch, live([applied(ours)]))).toBe(ours);
    expect(manager(patch, live([applied(ours), applied(older)]))).toBeUndefined();
  });

  test("is compared by what is known of it: a secret label is not", () => {
    expect(manager(configMap("made", { labels: { a: { ciphertext: "x" } } }), live([applied(ours)]))).toBe(ours);
  });
});

describe("an adopted object", () => {
  const adopted = (resources: object[], wanted: object) => {
    const state = exported(resources, [creating(wanted)]);
    return adopt(
      state,
      pendingCreates(state).map((pending) => ({ pending, manager: ours })),
    );
  };

  test("is in the state as the engine would have it, and is looked at again before it counts as ready", () => {
    const { deployment } = adopted([stackItself, provider], configMap("made"));
    expect(deployment.pending_operations).toEqual([]);
    expect(deployment["manifest"]).toEqual({ magic: "kept" });
    const made = deployment.resources?.[2];
    expect(made).toMatchObject({ id: "shop/made", initErrors: [unfinished] });
    expect(made?.outputs).toMatchObject({
      __fieldManager: ours,
      __initialApiVersion: "v1",
      __inputs: configMap("made").inputs,
      metadata: { name: "made", namespace: "shop" },
    });
  });

  test("of no namespace has its name as its ID", () => {
    const { deployment } = adopted([stackItself, provider], configMap("made", { namespace: "" }));
    expect(deployment.resources?.[2]?.id).toBe("made");
  });

  test("comes after all that it needs, and before what needs it", () => {
    const [one, two] = [configMap("one"), configMap("two")];
    const wanted = configMap("made", {}, { dependencies: [one.urn] });
    const names = (deployment: ReturnType<typeof adopted>["deployment"]) =>
      deployment.resources?.map((resource) => resource.urn.split("::").at(-1));
    expect(names(adopted([stackItself, provider, one, two], wanted).deployment)).toEqual([
      "dev",
      "cluster",
      "one",
      "made",
      "two",
    ]);
  });

  test("takes the place of what it replaces, which is deleted, or is gone already", () => {
    const old = configMap("made", { name: "made-1" }, { id: "shop/made-1" });
    const { deployment } = adopted([stackItself, provider, old], configMap("made", { name: "made-2" }));
    expect(deployment.resources?.slice(2).map(({ id, delete: goes }) => [id, goes])).toEqual([
      ["shop/made-2", undefined],
      ["shop/made-1", true],
    ]);
    const gone = adopted([stackItself, provider, { ...old, pendingReplacement: true }], configMap("made"));
    expect(gone.deployment.resources?.map(({ id }) => id)).toEqual([undefined, "p1", "shop/made"]);
  });
});

test("without anything found, nothing is pending any more and nothing else has changed", () => {
  const state = exported([stackItself, provider], [creating(configMap("made"))]);
  expect(adopt(state, []).deployment).toEqual({ ...state.deployment, pending_operations: [] });
});
