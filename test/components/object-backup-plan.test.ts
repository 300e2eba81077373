import { graphProblems } from "../../components/connectivity-graph.ts";
import { clusterHalf } from "../../components/cluster/half.ts";
import { objectBackupHalf, planObjectBackup } from "../../components/object-backup-plan.ts";
import { facts } from "../lib/stacks.ts";

const s3 = { endpoint: "https://203.0.113.7", bucket: "acme", region: "us-east-1", prefix: "lab" };
const spec = {
  image: "registry.example/etcd-backup:0.3.0",
  schedule: "*/30 * * * *",
  recipients: ["age1one", "age1two"],
  retention: { last: 48, within: "72h" },
  s3,
};
const plan = planObjectBackup(spec, "the-cluster");
const job = plan.cronJob.spec.jobTemplate.spec;
const pod = job.template.spec;

test("the account may list whatever there is, and do nothing else", () => {
  expect(plan.rights).toEqual({
    cluster: [{ apiGroups: ["*"], resources: ["*"], verbs: ["list"] }],
    namespace: [],
  });
  expect(plan.serviceAccount.automountServiceAccountToken).toBe(false);
  expect([pod.serviceAccountName, pod.automountServiceAccountToken]).toEqual(["object-backup", true]);
});

test("the program is told whose objects, for whom, what stays and where to, and logs in with a Secret", () => {
  expect(pod.containers[0]?.args).toEqual([
    "export",
    "--cluster-id=$(CLUSTER_ID)",
    "--reason=$(JOB_NAME)",
    "--directory=/work",
    "--keep-last=48",
    "--keep-within=72h",
    "--s3-endpoint=https://203.0.113.7",
    "--s3-bucket=acme",
    "--s3-region=us-east-1",
    "--s3-prefix=lab",
    "--recipient=age1one",
    "--recipient=age1two",
    "--json",
  ]);
  const secrets = pod.containers[0]?.env.flatMap((variable) => ("valueFrom" in variable ? [variable.name] : []));
  expect(secrets).toEqual(["JOB_NAME", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
});

test("nobody's pod, without a folder of its node, and what lies in clear lies in memory that its limit has room for", () => {
  expect(pod.volumes).toEqual([{ name: "work", emptyDir: { medium: "Memory", sizeLimit: "256Mi" } }]);
  expect(pod.securityContext).toMatchObject({ runAsUser: 65534, runAsNonRoot: true });
  expect(pod.containers[0]?.securityContext).toMatchObject({ readOnlyRootFilesystem: true });
  expect(pod.containers[0]?.resources.limits).toEqual({ cpu: "250m", memory: "512Mi" });
  expect(pod.containers[0]?.resources.requests).toEqual(pod.containers[0]?.resources.limits);
});

test("one at a time, with an end, and no second try where somebody has said no", () => {
  expect(plan.cronJob.spec).toMatchObject({ schedule: "*/30 * * * *", concurrencyPolicy: "Forbid" });
  expect(job.podFailurePolicy.rules).toEqual([
    { action: "FailJob", onExitCodes: { operator: "In", values: [16, 17, 18, 19] } },
  ]);
});

test("it calls the API server and S3, and is called by nobody", () => {
  const half = objectBackupHalf({ s3 }, facts, { closed: "every-pod" });
  expect(half.edges?.map(({ from, to, port }) => [from, to, port])).toEqual([
    ["object-backup/object-backup", "api-server", "https"],
    ["object-backup/object-backup", "s3", "s3"],
  ]);
  expect(half.workloads?.[0]?.ports).toBeUndefined();
  expect(graphProblems(facts, [clusterHalf(facts), half])).toEqual([]);
});

test("a role needs no Secret, and is asked for at its agent on the node", () => {
  const byRole = { ...s3, login: "role" } as const;
  const [container] = planObjectBackup({ ...spec, s3: byRole }, "the-cluster").cronJob.spec.jobTemplate.spec.template
    .spec.containers;
  expect(JSON.stringify(container)).not.toContain("secretKeyRef");
  const calledBy = (of: typeof s3) =>
    objectBackupHalf({ s3: of }, facts, { closed: "every-pod" }).edges?.map(({ to, port }) => `${to}:${port}`);
  expect(calledBy(byRole)).toEqual(["api-server:https", "s3:s3", "pod-identity:http"]);
  expect(calledBy(s3)).toEqual(["api-server:https", "s3:s3"]);
});
