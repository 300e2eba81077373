/** The platform itself is held to every rule, with no exemption that is not written down. */
import { createPlatform } from "../../platform.ts";
import { qosClassAnnotation } from "../../components/pod-plan.ts";
import { judge, sentenceOf } from "../../policies/lib/judge.ts";
import { Objects, objectsOfResource, titleOf } from "../../policies/lib/object.ts";
import { at } from "../../policies/lib/values.ts";
import { rules } from "../../policies/packs.ts";
import { stackPolicies } from "../../scripts/policy-config.ts";
import { record } from "../lib/record.ts";
import { stackConfig, stacks } from "../lib/stacks.ts";

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
