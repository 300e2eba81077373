import { nodeTrust, secretsPolicy } from "../../../../components/cluster/eks/role-plan.ts";
import { EksRole } from "../../../../components/cluster/eks/role.ts";
import { record } from "../../../lib/record.ts";

const role = { roleName: "shop-nodes", description: "Nodes", trust: nodeTrust() };

test("a role with AWS's policies and one of its own", async () => {
  const { resources } = await record(
    () => new EksRole("nodes", { ...role, managed: ["AmazonEKSWorkerNodePolicy"], policy: secretsPolicy("key") }),
  );
  expect(resources.filter(({ custom }) => custom).map(({ name, inputs }) => [name, inputs])).toEqual([
    ["nodes-role", { name: "shop-nodes", description: "Nodes", assumeRolePolicy: JSON.stringify(nodeTrust()) }],
    ["nodes-policy", { name: "shop-nodes", role: "shop-nodes", policy: JSON.stringify(secretsPolicy("key")) }],
    [
      "nodes-AmazonEKSWorkerNodePolicy",
      { role: "shop-nodes", policyArn: "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy" },
    ],
  ]);
});

test("a role that may do nothing but be taken", async () => {
  const { resources } = await record(() => new EksRole("nodes", role));
  expect(resources.filter(({ custom }) => custom).map(({ name }) => name)).toEqual(["nodes-role"]);
});
