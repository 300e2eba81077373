import { previewOf, readEvents } from "../../scripts/preview-changes.ts";
import { canary, debugEvent, linesOf, step, summary } from "./preview-events.ts";

const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" };
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const read = (...events: readonly object[]) => previewOf(readEvents(linesOf(...events)), true);

test("the serious comes first, then type and name decide; steps of a replacement are one change", () => {
  const { changes, unchanged } = read(
    step("create", "apps/v1:Deployment", "web", { new: { inputs: {} } }),
    step("update", "core/v1:Service", "b", {}),
    step("update", "core/v1:Service", "a", {}),
    step("create-replacement", "core/v1:ConfigMap", "settings", {}),
    step("replace", "core/v1:ConfigMap", "settings", {}),
    step("delete-replaced", "core/v1:ConfigMap", "settings", {}),
    step("same", "core/v1:Namespace", "backend", {}),
    step("read", "core/v1:Namespace", "kube-system", {}),
    step("delete", "core/v1:ConfigMap", "gone", { old: { inputs: {} } }),
    summary({ same: 7 }),
  );
  expect(changes.map(({ operation, type, name }) => [operation, type, name])).toEqual([
    ["delete", "kubernetes:core/v1:ConfigMap", "gone"],
    ["replace", "kubernetes:core/v1:ConfigMap", "settings"],
    ["update", "kubernetes:core/v1:Service", "a"],
    ["update", "kubernetes:core/v1:Service", "b"],
    ["create", "kubernetes:apps/v1:Deployment", "web"],
  ]);
  expect(unchanged).toBe(7);
});

test.each([
  {
    name: "an update: the values at the engine's paths",
    op: "update",
    step: {
      old: { inputs: { data: { "app.conf": "a=1" }, spec: { containers: [{ image: "web:1" }] } } },
      new: { inputs: { data: { "app.conf": "a=2" }, spec: { containers: [{ image: "web:2" }] } } },
      detailedDiff: {
        'data["app.conf"]': { diffKind: "update", inputDiff: true },
        "spec.containers[0].image": { diffKind: "update", inputDiff: true },
      },
    },
    properties: [
      { path: 'data["app.conf"]', old: "a=1", new: "a=2", forcesReplacement: false },
      { path: "spec.containers[0].image", old: "web:1", new: "web:2", forcesReplacement: false },
    ],
  },
  {
    name: "a property that is added, and one that goes",
    op: "update",
    step: {
      old: { inputs: { labels: { b: "1" } }, outputs: { labels: { a: "default", b: "1" } } },
      new: { inputs: { labels: { a: "1" } } },
      detailedDiff: { "labels.b": { diffKind: "delete" }, "labels.a": { diffKind: "add" } },
    },
    properties: [
      { path: "labels.a", old: undefined, new: "1", forcesReplacement: false },
      { path: "labels.b", old: "1", new: undefined, forcesReplacement: false },
    ],
  },
  {
    name: "what only the provider knew before",
    op: "update",
    step: {
      old: { inputs: {}, outputs: { cidr: "10.0.0.0/16" } },
      new: { inputs: { cidr: "10.1.0.0/16" } },
      detailedDiff: { cidr: { diffKind: "update" } },
    },
    properties: [{ path: "cidr", old: "10.0.0.0/16", new: "10.1.0.0/16", forcesReplacement: false }],
  },
  {
    name: "a replacement, with the property that forces it",
    op: "replace",
    step: {
      old: { inputs: { name: "a", size: 1 } },
      new: { inputs: { name: "b", size: 2 } },
      keys: ["name"],
      detailedDiff: { name: { diffKind: "update-replace" }, size: { diffKind: "update" } },
    },
    properties: [
      { path: "name", old: "a", new: "b", forcesReplacement: true },
      { path: "size", old: 1, new: 2, forcesReplacement: false },
    ],
  },
  {
    name: "a provider that names only the keys",
    op: "update",
    step: { old: { inputs: { create: "a" } }, new: { inputs: { create: "b" } }, detailedDiff: null, diffs: ["create"] },
    properties: [{ path: "create", old: "a", new: "b", forcesReplacement: false }],
  },
  {
    name: "a secret, all that is inside it, and what is known only after up",
    op: "update",
    step: {
      old: { inputs: { data: secret, id: "1" } },
      new: { inputs: { data: secret, id: unknown } },
      detailedDiff: { "data.token": { diffKind: "update" }, id: { diffKind: "update" } },
    },
    properties: [
      { path: "data.token", old: "[secret]", new: "[secret]", forcesReplacement: false },
      { path: "id", old: "1", new: "[unknown]", forcesReplacement: false },
    ],
  },
  {
    name: "a creation: every input but the engine's own",
    op: "create",
    step: { old: null, new: { inputs: { kind: "Secret", data: secret, __defaults: [] } }, detailedDiff: null },
    properties: [{ path: "", old: undefined, new: { kind: "Secret", data: "[secret]" }, forcesReplacement: false }],
  },
  {
    name: "a deletion: every input that there was",
    op: "delete",
    step: { old: { inputs: { kind: "ConfigMap" } }, new: null, detailedDiff: null },
    properties: [{ path: "", old: { kind: "ConfigMap" }, new: undefined, forcesReplacement: false }],
  },
])("$name", ({ op, step: fields, properties }) => {
  expect(read(step(op, "core/v1:Thing", "thing", fields)).changes[0]?.properties).toEqual(properties);
});

test("protection is told, of what is deleted too", () => {
  const { changes } = read(
    step("update", "core/v1:Namespace", "kept", { old: { inputs: {} }, new: { inputs: {}, protect: true } }),
    step("delete", "core/v1:Namespace", "refused", { old: { inputs: {}, protect: true }, new: null }),
    step("delete", "core/v1:Namespace", "gone", { old: { inputs: {} }, new: null }),
  );
  expect(changes.map(({ name, protect }) => [name, protect])).toEqual([
    ["gone", false],
    ["refused", true],
    ["kept", true],
  ]);
});

test("the stack's outputs that change, as the engine says last", () => {
  const stack = (old: object, next: object) => ({
    resOutputsEvent: {
      metadata: { op: "same", type: "pulumi:pulumi:Stack", urn: "u", old: { outputs: old }, new: { outputs: next } },
    },
  });
  const events = [stack({ url: "a" }, {}), stack({ url: "a", gone: 1, token: secret }, { url: "b", token: secret })];
  expect(read(...events).outputs.map(({ path, old, new: next }) => [path, old, next])).toEqual([
    ["gone", 1, undefined],
    ["url", "a", "b"],
  ]);
  expect(previewOf(readEvents(linesOf(...events)), false).outputs).toEqual([]); // a failed program exports nothing
});

test("messages come once, without colours; policies with their weight", () => {
  const message = (severity: string, text: string, ephemeral = false) => ({
    diagnosticEvent: { severity, message: text, color: "never", ephemeral },
  });
  const policy = (enforcementLevel: string) => ({
    policyEvent: { policyName: "qos-require-limits", enforcementLevel, message: "web has no limit.\n" },
  });
  const preview = read(
    message("warning", "Kubernetes 1.34 ends soon.\n"),
    message("warning", "Kubernetes 1.34 ends soon.\n"),
    message("error", "\u001b[31mrefused\u001b[0m\n"),
    message("error", "preview failed\n"),
    message("warning", "passing", true),
    message("info", "fine"),
    policy("mandatory"),
    policy("advisory"),
  );
  expect(preview).toMatchObject({
    errors: ["refused"],
    warnings: ["Kubernetes 1.34 ends soon."],
    violations: [
      { policy: "qos-require-limits", mandatory: true, message: "web has no limit." },
      { policy: "qos-require-limits", mandatory: false, message: "web has no limit." },
    ],
  });
});

test("what a rule adds is told by its paths, and no secret with it", () => {
  const remedy = (before: object, after: object) => ({
    policyRemediationEvent: {
      resourceUrn: "urn:pulumi:dev::quintet::quintet:index:Backend$kubernetes:core/v1:Pod::web",
      policyName: "remedies-of-objects",
      before,
      after,
    },
  });
  const container = { name: "app", args: ["a"] };
  const written = { kind: "Pod", metadata: { annotations: { "a.b/c": "d" } }, spec: { containers: [container] } };
  const added = {
    ...written,
    metadata: { annotations: { "a.b/c": "d", "e.f/g": "h" } },
    spec: { containers: [{ ...container, token: secret }], securityContext: { runAsNonRoot: true } },
  };
  const change = (path: string, next: unknown) => ({ path, old: undefined, new: next, forcesReplacement: false });
  expect(read(remedy(written, added), remedy({ a: null }, { a: 1 }), remedy(written, written)).remedied).toEqual([
    {
      type: "kubernetes:core/v1:Pod",
      name: "web",
      properties: [
        change('metadata.annotations["e.f/g"]', "h"),
        change("spec.containers[0].token", "[secret]"),
        change("spec.securityContext", { runAsNonRoot: true }),
      ],
    },
    { type: "kubernetes:core/v1:Pod", name: "web", properties: [{ ...change("a", 1), old: null }] },
    { type: "kubernetes:core/v1:Pod", name: "web", properties: [] },
  ]);
});

test("nothing of a debug message is kept: the engine writes secrets there", () => {
  const lines = linesOf(debugEvent, step("same", "core/v1:Secret", "token", {}));
  expect(lines.join("\n")).toContain(canary);
  expect(JSON.stringify(readEvents(lines))).not.toContain(canary);
  expect(readEvents(lines)).toHaveLength(1);
});

test("what is no event is passed over", () => {
  expect(readEvents(["", "warning: something", ...linesOf(summary({ same: 1 }))])).toHaveLength(1);
});
