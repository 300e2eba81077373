import { Provider } from "@pulumi/kubernetes/provider.js";
import { ExternalDns } from "../../components/external-dns.ts";
import { planExternalDns } from "../../components/external-dns-plan.ts";
import { record } from "../lib/record.ts";

const zone = { provider: "aws", id: "Z0123456789EXAMPLE", domain: "shop.example", region: "eu-central-1" } as const;
const spec = { zone, recordsOwner: "acme/quintet/prod" };

test("applies the plan's manifests, the pods after what they need", async () => {
  const { resources } = await record(
    () =>
      new ExternalDns(
        "names",
        { ...spec, owner: "acme/quintet/prod", kubernetesMinor: "1.36", policies: [] },
        { provider: new Provider("target", {}) },
      ),
  );
  const made = resources.filter(({ custom, type }) => custom && type.startsWith("kubernetes:"));
  const { serviceAccount, rights, deployment } = planExternalDns(spec);
  const of = (name: string) => made.find((one) => one.name === `names-${name}`);
  expect(made.map(({ name }) => name).sort()).toEqual([
    "names-cluster-role",
    "names-cluster-role-binding",
    "names-deployment",
    "names-namespace",
    "names-service-account",
  ]);
  expect(of("service-account")?.inputs).toMatchObject({
    metadata: { ...serviceAccount.metadata, namespace: "external-dns" },
  });
  expect(of("cluster-role")?.inputs).toMatchObject({ rules: rights.cluster });
  expect(of("cluster-role-binding")?.inputs).toMatchObject({
    roleRef: { kind: "ClusterRole", name: "external-dns" },
    subjects: [{ kind: "ServiceAccount", name: "external-dns", namespace: "external-dns" }],
  });
  expect(of("deployment")?.inputs).toMatchObject({
    ...deployment,
    metadata: { ...deployment.metadata, namespace: "external-dns" },
  });
  expect(of("deployment")?.after).toEqual(
    expect.arrayContaining([
      "kubernetes:core/v1:ServiceAccount::names-service-account",
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole::names-cluster-role",
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding::names-cluster-role-binding",
    ]),
  );
});
