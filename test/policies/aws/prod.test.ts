import { createPlatform } from "../../../platform.ts";
import { aws } from "../../../policies/aws/index.ts";
import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { judge, sentenceOf } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfResource } from "../../../policies/lib/object.ts";
import { record } from "../../lib/record.ts";
import { stackConfig } from "../../lib/stacks.ts";

test("stack prod is what every rule about AWS wants, with its flow log by what it comes from", async () => {
  const { resources } = await record(() => createPlatform(stackConfig("prod")));
  const objects = resources.flatMap(({ type, name, inputs, after }) =>
    objectsOfResource(type, inputs, { urn: `${type}::${name}`, uses: { vpcId: after } }),
  );
  const ofAws = objects.filter(({ apiVersion }) => apiVersion === "aws");
  expect(ofAws.length).toBeGreaterThan(50);
  const found = (all: typeof objects) =>
    judge(aws.rules, new Objects(all), { config: policyConfigSchema.parse({}), today: "2026-11-21" }).map(sentenceOf);
  expect(found(objects)).toEqual([]);
  const unlogged = found(ofAws.filter(({ kind }) => kind !== "ec2:FlowLog"));
  expect(unlogged).toEqual([expect.stringContaining("it has no flow log of ALL traffic")]);
});
