import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { ObjectBackup } from "../../components/object-backup.ts";
import { planObjectBackup } from "../../components/object-backup-plan.ts";
import { record, secret } from "../lib/record.ts";

const spec = {
  image: "registry.example/etcd-backup:0.3.0",
  schedule: "*/30 * * * *",
  recipients: ["age1one"],
  retention: { last: 48, within: "72h" },
  s3: { endpoint: "https://s3.example", bucket: "acme", region: "us-east-1", prefix: "" },
};
const credentials = { accessKeyId: "AK", secretAccessKey: "planted" };
const owned = { owner: "acme/quintet/prod", kubernetesMinor: "1.36", policies: [] };

test("makes a restricted namespace, the account with its role, the login as a secret, and the schedule after them", async () => {
  const { resources } = await record(
    () =>
      new ObjectBackup(
        "backup",
        { ...spec, ...owned, clusterId: pulumi.output("the-cluster"), credentials },
        { provider: new Provider("target", {}) },
      ),
  );
  const made = resources.filter(({ custom, type }) => custom && type.startsWith("kubernetes:"));
  expect(made.map(({ type, name }) => [type, name])).toEqual([
    ["kubernetes:core/v1:Namespace", "backup-namespace"],
    ["kubernetes:batch/v1:CronJob", "backup-cron-job"],
    ["kubernetes:core/v1:Secret", "backup-s3"],
    ["kubernetes:core/v1:ServiceAccount", "backup-service-account"],
    ["kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "backup-cluster-role"],
    ["kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", "backup-cluster-role-binding"],
  ]);
  const of = (name: string) => made.find((one) => one.name === `backup-${name}`);
  const { cronJob, rights } = planObjectBackup(spec, "the-cluster");
  expect(of("cron-job")?.inputs).toMatchObject({
    ...cronJob,
    metadata: { ...cronJob.metadata, namespace: "object-backup" },
  });
  expect(of("cluster-role")?.inputs).toMatchObject({ rules: rights.cluster });
  expect(of("s3")?.inputs).toMatchObject({
    metadata: { name: "object-backup", namespace: "object-backup" },
    stringData: secret,
  });
  expect(of("namespace")?.inputs).toMatchObject({
    metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  });
  expect(of("cron-job")?.after).toEqual(
    expect.arrayContaining([
      "kubernetes:core/v1:Secret::backup-s3",
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding::backup-cluster-role-binding",
    ]),
  );
  expect(JSON.stringify(made)).not.toContain(credentials.secretAccessKey);
});

test("makes no login where its pods come in with a role", async () => {
  const { resources } = await record(
    () =>
      new ObjectBackup(
        "backup",
        { ...spec, s3: { ...spec.s3, login: "role" }, ...owned, clusterId: "the-cluster", credentials: undefined },
        { provider: new Provider("target", {}) },
      ),
  );
  expect(resources.filter(({ type }) => type === "kubernetes:core/v1:Secret")).toEqual([]);
});
