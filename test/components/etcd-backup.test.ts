import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { EtcdBackup } from "../../components/etcd-backup.ts";
import { planEtcdBackup } from "../../components/etcd-backup-plan.ts";
import { etcdHomeOf } from "../../components/etcd-home.ts";
import { record, secret } from "../lib/record.ts";

const spec = {
  image: "quintet.dev/etcd-backup:0.1.0",
  schedule: "*/15 * * * *",
  recipients: ["age1one"],
  retention: { last: 96, within: "24h" },
  local: { directory: "/var/lib/quintet/etcd-backup" },
  kubernetesVersion: "v1.36.3",
  home: etcdHomeOf({}),
};
const s3 = { endpoint: "https://s3.example", bucket: "acme", region: "us-east-1", prefix: "" };
const login = { accessKeyId: "AK", secretAccessKey: "planted" };
const owned = { owner: "acme/quintet/prod", kubernetesMinor: "1.36", policies: [] };

const make = (more: object) =>
  record(
    () =>
      new EtcdBackup(
        "backup",
        { ...spec, ...owned, clusterId: pulumi.output("the-cluster"), credentials: login, ...more },
        { provider: new Provider("target", {}) },
      ),
  );
const madeIn = (resources: Awaited<ReturnType<typeof make>>["resources"]) =>
  resources.filter(({ custom, type }) => custom && type.startsWith("kubernetes:"));

test("makes the namespace, the account without rights, the login as a secret, and the schedule after them", async () => {
  const made = madeIn((await make({ s3 })).resources);
  expect(made.map(({ type, name }) => [type, name])).toEqual([
    ["kubernetes:batch/v1:CronJob", "backup-cron-job"],
    ["kubernetes:core/v1:Secret", "backup-s3"],
    ["kubernetes:core/v1:ServiceAccount", "backup-service-account"],
    ["kubernetes:core/v1:Namespace", "backup-namespace"],
  ]);
  const of = (name: string) => made.find((one) => one.name === `backup-${name}`);
  const { cronJob, serviceAccount } = planEtcdBackup({ ...spec, s3 }, "the-cluster");
  const placed = (metadata: object) => ({ ...metadata, namespace: "etcd-backup" });
  expect(of("cron-job")?.inputs).toMatchObject({ ...cronJob, metadata: placed(cronJob.metadata) });
  expect(of("service-account")?.inputs).toMatchObject({ metadata: placed(serviceAccount.metadata) });
  expect(of("s3")?.inputs).toMatchObject({ metadata: placed({ name: "etcd-backup" }), stringData: secret });
  expect(of("namespace")?.inputs).toMatchObject({
    metadata: { labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
  });
  expect(of("cron-job")?.after).toEqual(
    expect.arrayContaining([
      "kubernetes:core/v1:Secret::backup-s3",
      "kubernetes:core/v1:ServiceAccount::backup-service-account",
    ]),
  );
  expect(JSON.stringify(made)).not.toContain(login.secretAccessKey);
});

test("makes no login where nothing is brought away", async () => {
  const made = madeIn((await make({ credentials: undefined })).resources);
  expect(made.map(({ name }) => name)).toEqual(["backup-cron-job", "backup-service-account", "backup-namespace"]);
});
