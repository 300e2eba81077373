import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { requireBaseline } from "../../../policies/pod-security/require-baseline.ts";
import { namespace, unknown } from "../network-policies.ts";
import { deployment, forms, saidOf } from "../workloads.ts";
import {
  allowedCases,
  baselineCapabilities,
  baselineCases,
  container,
  plain,
  replacedCases,
  safePod,
} from "./cases.ts";

const level = (name: string) => namespace("shop", { labels: { "pod-security.kubernetes.io/enforce": name } });
const said = (spec: object, ...objects: object[]) => saidOf([requireBaseline], [...objects, deployment(spec)]);

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

test.each(allowedCases)("accepts %s", (_, spec) => {
  expect(said(spec, level("baseline"))).toEqual([]);
});

test.each(baselineCapabilities)("accepts the capability %s", (capability) => {
  expect(said(container({ capabilities: { add: [capability] } }))).toEqual([]);
});

test.each(baselineCases)("refuses %s", (_, spec, message) => {
  for (const name of ["baseline", "restricted", "misspelt"]) {
    expect(said(spec, level(name))).toEqual([`Deployment shop/web: ${message}`]);
  }
  expect(said(spec)).toHaveLength(1);
  expect(said(spec, level("privileged"))).toEqual([]);
});

test.each(replacedCases)("refuses %s in baseline, which restricted has a stricter check for", (_, spec, message) => {
  expect(said(spec, level("baseline"))).toEqual([`Deployment shop/web: ${message}`]);
  expect(said(spec, level("restricted"))).toEqual([]);
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

describe("the annotation that AppArmor once had", () => {
  const prefix = "container.apparmor.security.beta.kubernetes.io/app";
  const annotated = (annotations: object) => ({ metadata: { annotations }, spec: plain });
  const pod = (annotations: object) => ({
    apiVersion: "v1",
    kind: "Pod",
    ...annotated(annotations),
    metadata: { namespace: "shop", name: "web", annotations },
  });

  test("is refused where it turns it off, in a Pod and in a template", () => {
    const path = `metadata.annotations["${prefix}"]`;
    expect(saidOf([requireBaseline], [pod({ [prefix]: "unconfined" })])).toEqual([
      `Pod shop/web: container "app" turns AppArmor off. Remove ${path}.`,
    ]);
    const web = { ...deployment(plain), spec: { template: annotated({ [prefix]: "unconfined" }) } };
    expect(saidOf([requireBaseline], [web])).toEqual([
      `Deployment shop/web: container "app" turns AppArmor off. Remove spec.template.${path}.`,
    ]);
  });

  test.each([
    [prefix, "runtime/default"],
    [prefix, "localhost/own"],
    [prefix, ""],
    ["example.com/app", "unconfined"],
  ])("is accepted as %s: %j", (key, value) => {
    expect(saidOf([requireBaseline], [pod({ [key]: value })])).toEqual([]);
  });
});

test("is undecided while a setting or the level is not known, and says what is wrong beside it", () => {
  const spec = { ...container({ privileged: unknown }), hostPID: true };
  expect(said(spec)).toEqual([
    expect.stringContaining("shares its node's pid"),
    expect.stringContaining("securityContext.privileged is not known until then"),
  ]);
  expect(said(safePod(), level(unknown))).toEqual([expect.stringContaining("is not known until then")]);
});
