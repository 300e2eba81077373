import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { requireReadOnlyRoot } from "../../../policies/pod-security/require-read-only-root.ts";
import { unknown } from "../../lib/unknown.ts";
import { namespace } from "../network-policies.ts";
import { deployment, formsOf, saidOf } from "../workloads.ts";

const readOnly = { name: "app", securityContext: { readOnlyRootFilesystem: true } };
const said = (spec: object, ...objects: object[]) => saidOf([requireReadOnlyRoot], [...objects, deployment(spec)]);
const level = (name: string) => namespace("shop", { labels: { "pod-security.kubernetes.io/enforce": name } });

test.each<[string, object]>([
  ["a container that cannot", { containers: [readOnly] }],
  ["one of Windows, which has no such setting", { os: { name: "windows" }, containers: [{ name: "app" }] }],
  ["one to look inside", { containers: [readOnly], ephemeralContainers: [{ name: "shell" }] }],
])("accepts %s", (_, spec) => {
  expect(said(spec)).toEqual([]);
});

test.each<[string, object | undefined]>([
  ["says nothing", undefined],
  ["says nothing of it", {}],
  ["may", { readOnlyRootFilesystem: false }],
])("tells of a container that %s, in every form of a workload", (_, securityContext) => {
  for (const [kind, object] of formsOf({ containers: [readOnly, { name: "second", securityContext }] })) {
    const [message, ...more] = saidOf([requireReadOnlyRoot], [object]);
    expect(message).toContain(`${kind} shop/web: container "second" may write to the files of its image. Set `);
    expect(message).toContain("spec.containers[1].securityContext.readOnlyRootFilesystem to true");
    expect(more).toEqual([]);
  }
});

test("tells of what runs before and beside", () => {
  const beside = { ...readOnly, restartPolicy: "Always", securityContext: {} };
  expect(said({ initContainers: [{ name: "before" }, beside], containers: [readOnly] })).toEqual([
    expect.stringContaining('container "before" may write'),
    expect.stringContaining("initContainers[1].securityContext.readOnlyRootFilesystem"),
  ]);
});

test("leaves namespaces of the level privileged alone, by label and by parameter", () => {
  const spec = { containers: [{ name: "app" }] };
  expect(said(spec, level("privileged"))).toEqual([]);
  expect(said(spec, level("baseline"))).toHaveLength(1);
  const config = policyConfigSchema.parse({
    rules: { "pod-security-require-read-only-root": { parameters: { levels: { shop: "privileged" } } } },
  });
  expect(saidOf([requireReadOnlyRoot], [deployment(spec)], config)).toEqual([]);
});

test("is undecided while it is not known", () => {
  const securityContext = { readOnlyRootFilesystem: unknown };
  expect(said({ containers: [{ name: "app", securityContext }] })).toEqual([
    expect.stringContaining("containers[0].securityContext.readOnlyRootFilesystem is not known"),
  ]);
});
