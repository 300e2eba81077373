import * as fc from "fast-check";
import type { Change, Preview } from "../../scripts/preview-changes.ts";
import { commentLimit, commentOf, failureOf } from "../../scripts/preview-comment.ts";

const nothing: Preview = {
  succeeded: true,
  changes: [],
  unchanged: 7,
  outputs: [],
  violations: [],
  remedied: [],
  errors: [],
  warnings: [],
};

const change = (operation: Change["operation"], name: string, properties: Change["properties"] = []): Change => ({
  operation,
  type: "kubernetes:core/v1:ConfigMap",
  name,
  protect: false,
  properties,
});

const property = (path: string, old: unknown, next: unknown, forcesReplacement = false) => ({
  path,
  old,
  new: next,
  forcesReplacement,
});

const comment = (preview: Partial<Preview>) => commentOf({ ...nothing, ...preview }, { stack: "dev" });

test("a preview in full", () => {
  const text = comment({
    changes: [
      change("delete", "gone", [property("", { kind: "ConfigMap" }, undefined)]),
      change("replace", "settings", [
        property('data["app.conf"]', "a=1\nb=2\n", "a=1\nb=2\nc=3\n"),
        property("metadata.name", "settings-a", "settings-b", true),
      ]),
      { ...change("update", "backend", [property("metadata.labels.b", undefined, "2")]), protect: true },
      change("create", "web", [property("", undefined, { spec: { replicas: 3 } })]),
    ],
    outputs: [property("url", "http://a", "http://b")],
    warnings: ["Kubernetes 1.34 ends soon."],
  });
  expect(text).toBe(`### Preview of stack \`dev\`

**1 to delete, 1 to replace, 1 to update, 1 to create**, 7 unchanged.

\`\`\`diff
- delete kubernetes:core/v1:ConfigMap gone
! replace kubernetes:core/v1:ConfigMap settings: metadata.name
! update kubernetes:core/v1:ConfigMap backend (protected): metadata.labels.b
+ create kubernetes:core/v1:ConfigMap web
\`\`\`

**Warnings**

\`\`\`text
Kubernetes 1.34 ends soon.
\`\`\`

<details><summary>Every changed property</summary>

\`\`\`diff
@@ delete kubernetes:core/v1:ConfigMap gone @@
- kind: ConfigMap
@@ replace kubernetes:core/v1:ConfigMap settings @@
  data["app.conf"]: |
    a=1
    b=2
+   c=3
# metadata.name forces the replacement
- metadata.name: settings-a
+ metadata.name: settings-b
@@ update kubernetes:core/v1:ConfigMap backend (protected) @@
+ metadata.labels.b: "2"
@@ create kubernetes:core/v1:ConfigMap web @@
+ spec:
+   replicas: 3
@@ outputs of the stack @@
- url: http://a
+ url: http://b
\`\`\`

</details>
`);
});

test.each([
  { name: "no changes", preview: {}, says: "**No changes**, 7 unchanged." },
  {
    name: "outputs alone",
    preview: { outputs: [property("url", "a", "b")] },
    says: "**No resource changes**, 7 unchanged; outputs do.",
  },
  {
    name: "a failure",
    preview: { succeeded: false, errors: ["boom"] },
    says: "**The preview failed.** Until then it found: 7 unchanged.",
  },
  {
    name: "a mandatory policy",
    preview: { succeeded: false, violations: [{ policy: "qos-require-limits", mandatory: true, message: "no limit" }] },
    says: "**A mandatory policy stops it.**",
  },
])("the headline of $name", ({ preview, says }) => {
  expect(comment(preview)).toContain(says);
});

test("policies and errors stand before the changes", () => {
  const text = comment({
    succeeded: false,
    errors: ["boom"],
    violations: [{ policy: "qos-require-limits", mandatory: true, message: "web has no limit." }],
    changes: [change("create", "web")],
  });
  const at = ["boom", "mandatory qos-require-limits: web has no limit.", "+ create"].map((part) => text.indexOf(part));
  expect(at).toEqual(at.toSorted((a, b) => a - b));
  expect(at).not.toContain(-1);
});

test("of a long text only the lines around the change are shown, under its name", () => {
  const lines = (changed: string) => Array.from({ length: 40 }, (_, i) => (i === 20 ? changed : `line ${String(i)}`));
  const text = comment({
    changes: [change("update", "rules", [property("data.rules", lines("old").join("\n"), lines("new").join("\n"))])],
  });
  expect(text).toContain(
    ["  data.rules: |-", "    line 18", "    line 19", "-   old", "+   new", "    line 21", "    line 22", "```"].join(
      "\n",
    ),
  );
});

test("what can't be shown is still told", () => {
  const text = comment({
    changes: [
      change("update", "token", [property("data", "[secret]", "[secret]"), property("status", undefined, undefined)]),
    ],
  });
  expect(text).toContain("! data: a secret, another one\n! status: in the provider's state only");
});

test("no value closes the fence that it stands in", () => {
  const text = comment({
    changes: [change("create", "doc", [property("", undefined, { text: "```\n````\n@everyone" })])],
  });
  const details = text.slice(text.indexOf("<details>"));
  expect(details.match(/^`{5}(diff)?$/gm)).toEqual(["`````diff", "`````"]);
  expect(details.indexOf("@everyone")).toBeLessThan(details.lastIndexOf("`````"));
});

test("a preview that never began says why", () => {
  expect(failureOf("staging", "Set PULUMI_BACKEND_URL.")).toMatch(
    /stack `staging`[^]*failed[^]*Set PULUMI_BACKEND_URL\./,
  );
});

test("a preview that is too long keeps its start, and says where the rest is", () => {
  const changes = Array.from({ length: 2_000 }, (_, i) =>
    change("create", `resource-${String(i)}`, [property("", undefined, { data: { text: "x".repeat(5_000) } })]),
  );
  const whole = "[preview-dev](https://example.com/run)";
  const text = commentOf({ ...nothing, changes }, { stack: "dev", limit: commentLimit, whole });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(commentLimit);
  expect(Buffer.byteLength(text)).toBeGreaterThan(commentLimit * 0.9);
  const [headline, listed, clipped] = [/\*\*.*\*\*/, /^\d+ more lines.*$/m, /….*/].map((part) => part.exec(text)?.[0]);
  const shown = text.match(/^\+ create /gm)?.length ?? 0;
  expect({ headline, listed, clipped }).toEqual({
    headline: "**2000 to create**",
    listed: `${String(2_000 - shown)} more lines: see ${whole}.`,
    clipped: "… (4610 more characters)",
  });
});

test("whatever is in it, a comment fits, and each of its fences is closed", () => {
  const texts = fc.array(fc.string({ unit: "binary", maxLength: 3_000 }), { maxLength: 40 });
  const random = fc.record({ errors: texts, warnings: texts, values: texts, messages: texts });
  const fits = ({ errors, warnings, values, messages }: Record<string, string[]>) => {
    const preview: Preview = {
      ...nothing,
      succeeded: false,
      errors: errors ?? [],
      warnings: warnings ?? [],
      violations: (messages ?? []).map((message) => ({ policy: "qos", mandatory: false, message })),
      changes: (values ?? []).map((value, i) => change("update", String(i), [property("data", value, `${value}!`)])),
    };
    const text = commentOf(preview, { stack: "dev", limit: commentLimit });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(commentLimit);
    expect(openFence(text)).toBeUndefined();
  };
  fc.assert(fc.property(random, fits), { numRuns: 50 });
});

/** The fence that is still open at the end, by the rule of CommonMark: as many backticks close it as opened it. */
function openFence(text: string): string | undefined {
  return text.split(/\r\n|\n|\r/).reduce<string | undefined>((open, line) => {
    const [, ticks, rest = ""] = /^ {0,3}(`{3,})(.*)$/.exec(line) ?? [];
    if (ticks === undefined) return open;
    if (open === undefined) return rest.includes("`") ? undefined : ticks;
    return ticks.length >= open.length && rest.trim() === "" ? undefined : open;
  }, undefined);
}

test("what rules add is shown as what changes", () => {
  const properties = [property("spec.securityContext.seccompProfile", undefined, { type: "RuntimeDefault" })];
  expect(comment({ remedied: [{ type: "kubernetes:core/v1:Pod", name: "web", properties }] })).toContain(`
**Put right by rules**

\`\`\`diff
@@ kubernetes:core/v1:Pod web @@
+ spec.securityContext.seccompProfile:
+   type: RuntimeDefault
\`\`\`
`);
});
