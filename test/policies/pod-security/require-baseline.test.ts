import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { requireBaseline } from "../../../policies/pod-security/require-baseline.ts";
import { namespace, unknown } from "../network-policies.ts";
import { deployment, forms, saidOf } from "../workloads.ts";
import { baselineCases, container, plain, safePod } from "./cases.ts";

const level = (name: string) => namespace("shop", { labels: { "pod-security.kubernetes.io/enforce": name } });
const said = (spec: object, ...objects: object[]) => saidOf([requireBaseline], [...objects, deployment(spec)]);
const mount = { volumes: [{ name: "v", hostPath: { path: "/" } }] };

test("accepts the baseline, what says nothing, and every workload that does not", () => {
  expect(said(safePod())).toEqual([]);
  expect(said(plain)).toEqual([]);
  expect(
    saidOf(
      [requireBaseline],
      forms.map(([, object]) => object),
    ),
  ).toEqual([]);
});

test.each(baselineCases)("refuses %s", (_, spec, path) => {
  for (const name of ["baseline", "restricted", "misspelt"]) {
    const [message, ...more] = said(spec, level(name));
    expect(message).toContain(`spec.template.spec.${path}`);
    expect(more).toEqual([]);
  }
  expect(said(spec)).toHaveLength(1);
  expect(said(spec, level("privileged"))).toEqual([]);
});

test("refuses in baseline what restricted has a stricter check for", () => {
  for (const spec of [
    safePod({}, mount),
    container({ procMount: "Unmasked" }),
    container({ capabilities: { add: ["NET_RAW"] } }),
    safePod({ seccompProfile: { type: "Unconfined" } }),
  ]) {
    expect(said(spec, level("baseline"))).toHaveLength(1);
    expect(said(spec, level("restricted"))).toEqual([]);
  }
});

test("lets a pod with users of its own see /proc", () => {
  const spec = { ...container({ procMount: "Unmasked" }), hostUsers: false };
  expect(said(spec, level("baseline"))).toEqual([]);
});

test("takes the level of a namespace without a label from the configuration", () => {
  const parameters = { levels: { shop: "privileged" } };
  const config = policyConfigSchema.parse({ rules: { [requireBaseline.name]: { parameters } } });
  const workload = deployment(container({ privileged: true }));
  expect(saidOf([requireBaseline], [workload], config)).toEqual([]);
  expect(saidOf([requireBaseline], [workload, level("baseline")], config)).toHaveLength(1);
});

test("refuses an annotation that turns AppArmor off", () => {
  const annotations = { "container.apparmor.security.beta.kubernetes.io/app": "unconfined" };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { namespace: "shop", name: "web", annotations }, spec: plain };
  expect(saidOf([requireBaseline], [pod])).toEqual([expect.stringContaining('container "app" turns AppArmor off')]);
});

test("is undecided while a setting or the level is not known, and says what is wrong beside it", () => {
  const spec = { ...container({ privileged: unknown }), hostPID: true };
  expect(said(spec)).toEqual([
    expect.stringContaining("shares its node's pid"),
    expect.stringContaining("securityContext.privileged is not known until then"),
  ]);
  expect(said(safePod(), level(unknown))).toEqual([expect.stringContaining("is not known until then")]);
});
