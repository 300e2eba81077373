/** The platform itself is held to every rule, with no exemption that is not written down. */
import { parseConfig } from "../../config.ts";
import { createPlatform } from "../../platform.ts";
import { qosClassAnnotation } from "../../components/pod-plan.ts";
import type { PolicyConfig } from "../../policies/lib/config.ts";
import { judge, sentenceOf } from "../../policies/lib/judge.ts";
import { Objects, objectsOfResource, titleOf } from "../../policies/lib/object.ts";
import { at } from "../../policies/lib/values.ts";
import { rules } from "../../policies/packs.ts";
import { stackPolicies } from "../../scripts/policy-config.ts";
import { fixtures } from "../lib/fixtures.ts";
import { record } from "../lib/record.ts";
import { stackConfig, stacks } from "../lib/stacks.ts";

/** The verdicts on what a stack of a configuration makes. */
async function verdictsOn(make: () => Promise<unknown>, config: PolicyConfig) {
  const { resources } = await record(make);
  const objects = new Objects(resources.flatMap(({ type, inputs, urn }) => objectsOfResource(type, inputs, { urn })));
  return judge(rules, objects, { config, today: "2026-11-21" });
}

/** The verdicts on a configuration of test/config/valid. */
async function verdictsOnFixture(name: string) {
  const found = fixtures("valid").find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no test/config/valid/${name}.yaml.`);
  const config = Object.fromEntries(
    Object.entries(found.values).map(([key, value]) => [
      `quintet:${key.replace(/^quintet:/, "")}`,
      value.startsWith("{") ? (JSON.parse(value) as unknown) : value,
    ]),
  );
  return verdictsOn(() => createPlatform(parseConfig(found.values, found.host)), stackPolicies(config));
}

// Each has what is open on purpose, or made by others than the program.
test.each([
  "backup-with-everything",
  "bookstore-with-everything",
  "certificates-acme",
  "dns-with-everything",
  "eks-with-its-objects-backed-up",
  "ingress-none",
  "ingress-with-everything",
  "k3s-with-its-etcd-backed-up",
  "mesh-with-two-revisions",
  "tenant-in-the-mesh",
  "traffic-with-everything-for-the-gateway",
])("%s breaks no rule", async (name) => {
  expect((await verdictsOnFixture(name)).map(sentenceOf)).toEqual([]);
});

test("a stack that is declared open is told so at every preview, and not refused", async () => {
  const verdicts = await verdictsOnFixture("eks-without-network-policy");
  expect(new Set(verdicts.map(({ rule, level }) => `${level} ${rule}`))).toEqual(
    new Set(["advisory network-policy-require-default-deny", "advisory network-policy-require-selected-workloads"]),
  );
});

test.each(stacks)("stack %s breaks no rule, and nothing of it is left unjudged", async (stack) => {
  const { resources } = await record(() => createPlatform(stackConfig(stack)));
  const objects = new Objects(resources.flatMap(({ type, inputs, urn }) => objectsOfResource(type, inputs, { urn })));
  expect(objects.ofKind("Deployment")).not.toEqual([]);
  const declaring = objects.all.filter(
    ({ value }) => at(value, "metadata", "annotations", qosClassAnnotation) !== undefined,
  );
  expect(declaring.map(titleOf)).toEqual(["Deployment backend/backend"]);
  const verdicts = judge(rules, objects, { config: stackPolicies(), today: "2026-11-21" });
  expect(verdicts.map(sentenceOf)).toEqual([]);
});
