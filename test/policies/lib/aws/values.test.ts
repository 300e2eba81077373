import { awsType, isTrue } from "../../../../policies/lib/aws/values.ts";
import { objectsOfResource } from "../../../../policies/lib/object.ts";

test.each([
  ["aws:ec2/launchTemplate:LaunchTemplate", "ec2:LaunchTemplate"],
  ["aws:eks/cluster:Cluster", "eks:Cluster"],
  ["kubernetes:core/v1:ConfigMap", ""],
  ["pulumi:providers:aws", ""],
  ["my-aws:eks/cluster:Cluster", ""],
  ["aws:eks/cluster:Cluster:more", ""],
  ["aws:eks/cluster:Cluster/more", ""],
])("%s is %j", (type, short) => {
  expect(objectsOfResource(type, {}).map(awsType).join()).toBe(short);
});

test.each([
  [true, true],
  ["true", true],
  [false, false],
  ["false", false],
  [undefined, false],
  [1, false],
])("%j says yes: %s", (value, yes) => {
  expect(isTrue(value)).toBe(yes);
});
