import {
  exportsPolicy,
  podTrust,
  publicZonePolicy,
  vpcCniPolicy,
} from "../../../../components/cluster/eks/role-plan.ts";
import { configOf, ofType, resourcesOf } from "./example.ts";

/** What gives a role to the pods of an account. */
const association = (namespace: string, serviceAccount: string, role: string) => ({
  clusterName: "shop",
  namespace,
  serviceAccount,
  roleArn: `cluster-identities-${role}-role-arn`,
});

test("each add-on that acts in AWS has a role for its own service account", async () => {
  const config = configOf();
  const resources = await resourcesOf(config);
  const associations = ofType(resources, "aws:eks/podIdentityAssociation:PodIdentityAssociation");
  expect([...associations.values()].map(({ inputs }) => inputs)).toEqual([
    association("kube-system", "ebs-csi-controller-sa", "aws-ebs-csi-driver"),
    association("kube-system", "aws-node", "vpc-cni"),
  ]);
  const roles = ofType(resources, "aws:iam/role:Role");
  expect(roles.get("cluster-identities-vpc-cni-role")?.inputs["assumeRolePolicy"]).toBe(
    JSON.stringify(podTrust(config, "aws-node")),
  );
  const policies = ofType(resources, "aws:iam/rolePolicy:RolePolicy");
  expect(policies.get("cluster-identities-vpc-cni-policy")?.inputs["policy"]).toBe(
    JSON.stringify(vpcCniPolicy(config, "cluster-network-vpc-id")),
  );
  const attached = ofType(resources, "aws:iam/rolePolicyAttachment:RolePolicyAttachment");
  expect([...attached.keys()].filter((name) => name.startsWith("cluster-identities-"))).toEqual([
    "cluster-identities-aws-ebs-csi-driver-AmazonEBSCSIDriverEKSClusterScopedPolicy",
  ]);
});

test("external-dns has a role for one zone where there is one", async () => {
  const publicZone = { id: "Z0123456789EXAMPLE", domain: "shop.example" };
  const config = configOf({ publicZone });
  const resources = await resourcesOf(config);
  const associations = ofType(resources, "aws:eks/podIdentityAssociation:PodIdentityAssociation");
  expect(associations.get("cluster-identities-external-dns-association")?.inputs).toEqual(
    association("external-dns", "external-dns", "external-dns"),
  );
  const trust = ofType(resources, "aws:iam/role:Role").get("cluster-identities-external-dns-role")?.inputs;
  expect(trust?.["assumeRolePolicy"]).toBe(JSON.stringify(podTrust(config, "external-dns", "external-dns")));
  const policy = ofType(resources, "aws:iam/rolePolicy:RolePolicy").get("cluster-identities-external-dns-policy");
  expect(policy?.inputs["policy"]).toBe(JSON.stringify(publicZonePolicy(publicZone.id)));
});

test("exports of objects have a role for what is theirs in one bucket", async () => {
  const config = configOf();
  const exports = { bucket: "acme-objects", prefix: "clusters/prod" };
  const resources = await resourcesOf(config, false, exports);
  const associations = ofType(resources, "aws:eks/podIdentityAssociation:PodIdentityAssociation");
  expect(associations.get("cluster-identities-object-backup-association")?.inputs).toEqual(
    association("object-backup", "object-backup", "object-backup"),
  );
  const policy = ofType(resources, "aws:iam/rolePolicy:RolePolicy").get("cluster-identities-object-backup-policy");
  expect(policy?.inputs["policy"]).toBe(JSON.stringify(exportsPolicy(exports)));
  const [list, keep] = exportsPolicy(exports).Statement;
  expect(list).toMatchObject({
    Resource: "arn:aws:s3:::acme-objects",
    Condition: { StringLike: { "s3:prefix": "clusters/prod/*" } },
  });
  expect(keep?.Resource).toBe("arn:aws:s3:::acme-objects/clusters/prod/*");
  expect(exportsPolicy({ ...exports, prefix: "" }).Statement[1]?.Resource).toBe("arn:aws:s3:::acme-objects/*");
});
