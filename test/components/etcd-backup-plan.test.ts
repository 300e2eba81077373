import { graphProblems } from "../../components/connectivity-graph.ts";
import { etcdBackupHalf, planEtcdBackup } from "../../components/etcd-backup-plan.ts";
import { etcdHomeOf } from "../../components/etcd-home.ts";
import { facts } from "../lib/stacks.ts";

const recipients = ["age1one", "age1two"];
const s3 = { endpoint: "http://172.20.20.254:5001", bucket: "etcd-backups", region: "us-east-1", prefix: "" };
const spec = {
  image: "quintet.dev/etcd-backup:0.1.0",
  schedule: "*/15 * * * *",
  recipients,
  retention: { last: 96, within: "24h" },
  local: { directory: "/var/lib/quintet/etcd-backup" },
  kubernetesVersion: "v1.36.3",
  home: etcdHomeOf({}),
};
const jobOf = (more: object = {}) => planEtcdBackup({ ...spec, ...more }, "the-cluster").cronJob.spec;
const podOf = (more: object = {}) => jobOf(more).jobTemplate.spec.template.spec;
const containerOf = (more: object = {}) => {
  const [container, ...others] = podOf(more).containers;
  if (container === undefined || others.length > 0) throw new Error("One container is expected.");
  return container;
};

test("one snapshot at a time, in UTC, each with an end, and no second one where that heals nothing", () => {
  const { schedule, timeZone, concurrencyPolicy, startingDeadlineSeconds, jobTemplate } = jobOf();
  expect([schedule, timeZone, concurrencyPolicy, startingDeadlineSeconds]).toEqual([
    "*/15 * * * *",
    "Etc/UTC",
    "Forbid",
    300,
  ]);
  const { activeDeadlineSeconds, backoffLimit, podFailurePolicy, template } = jobTemplate.spec;
  expect([activeDeadlineSeconds, backoffLimit, template.spec.restartPolicy]).toEqual([600, 2, "Never"]);
  expect(podFailurePolicy.rules).toEqual([
    { action: "FailJob", onExitCodes: { operator: "In", values: [17, 18] } }, // disk full, kept here but not in S3
  ]);
});

test("the program is told where etcd is, whose it is, for whom, and what stays", () => {
  expect(containerOf({ s3 }).args).toEqual([
    "save",
    "--endpoint=https://$(NODE_ADDRESS):2379",
    "--cacert=/etc/kubernetes/pki/etcd/ca.crt",
    "--cert=/etc/kubernetes/pki/etcd/healthcheck-client.crt",
    "--key=/etc/kubernetes/pki/etcd/healthcheck-client.key",
    "--cluster-id=$(CLUSTER_ID)",
    "--member=$(NODE_NAME)",
    "--kubernetes-version=v1.36.3",
    "--reason=$(JOB_NAME)",
    "--data-dir=/var/lib/etcd",
    "--directory=/var/lib/quintet/etcd-backup",
    "--metrics=/var/lib/quintet/etcd-backup/metrics.prom",
    "--keep-last=96",
    "--keep-within=24h",
    "--s3-endpoint=http://172.20.20.254:5001",
    "--s3-bucket=etcd-backups",
    "--s3-region=us-east-1",
    "--pki=/etc/kubernetes/pki",
    "--recipient=age1one",
    "--recipient=age1two",
    "--json",
  ]);
  expect(containerOf().args.filter((arg) => arg.startsWith("--s3"))).toEqual([]);
  expect(containerOf({ s3: { ...s3, prefix: "clusters" } }).args).toContain("--s3-prefix=clusters");
});

test("every name that an argument uses is a variable, and the login is read from a Secret", () => {
  const { args, env } = containerOf({ s3 });
  const names = env.map(({ name }) => name);
  const used = args.flatMap((arg) => [...arg.matchAll(/\$\((\w+)\)/g)].map(([, name]) => name));
  expect(names).toEqual(expect.arrayContaining(used));
  expect(env).toEqual(
    expect.arrayContaining([
      { name: "CLUSTER_ID", value: "the-cluster" },
      { name: "AWS_ACCESS_KEY_ID", valueFrom: { secretKeyRef: { name: "etcd-backup", key: "accessKeyId" } } },
      { name: "AWS_SECRET_ACCESS_KEY", valueFrom: { secretKeyRef: { name: "etcd-backup", key: "secretAccessKey" } } },
    ]),
  );
  expect(JSON.stringify(containerOf().env)).not.toContain("secretKeyRef");
});

test("root without a capability, on a control-plane node, with what it reads mounted read-only", () => {
  const { affinity, tolerations, automountServiceAccountToken, volumes } = podOf();
  const [term, ...others] = affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
  expect([term?.matchExpressions, others]).toEqual([
    [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }], // "" to kubeadm, and "true" to k3s
    [],
  ]);
  expect(tolerations).toEqual([{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }]);
  expect(automountServiceAccountToken).toBe(false);
  expect(volumes.map(({ hostPath }) => hostPath)).toEqual([
    { path: "/etc/kubernetes/pki", type: "Directory" },
    { path: "/var/lib/etcd", type: "Directory" },
    { path: "/var/lib/quintet/etcd-backup", type: "DirectoryOrCreate" },
  ]);
  const { securityContext, volumeMounts, resources } = containerOf();
  expect(securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
    runAsUser: 0,
    runAsGroup: 0,
  });
  expect(volumeMounts.slice(0, 2)).toEqual([
    { name: "pki", mountPath: "/etc/kubernetes/pki", readOnly: true },
    { name: "data", mountPath: "/var/lib/etcd", readOnly: true },
  ]);
  expect(resources.requests).toEqual(resources.limits);
});

describe("on servers of k3s", () => {
  const home = etcdHomeOf({ etcdHome: "k3s" });
  const server = "/var/lib/rancher/k3s/server";

  test("it comes in with k3s' own certificate, and keeps the token and the key of Secrets with the database", () => {
    const { args } = containerOf({ home });
    expect(args.filter((arg) => arg.includes(server))).toEqual([
      `--cacert=${server}/tls/etcd/server-ca.crt`,
      `--cert=${server}/tls/etcd/client.crt`,
      `--key=${server}/tls/etcd/client.key`,
      `--data-dir=${server}/db/etcd`,
      `--pki=${server}/tls:tls`,
      `--pki=${server}/cred:cred`,
      `--pki=${server}/token:token`,
    ]);
    expect(args.join(" ")).not.toContain("/etc/kubernetes");
  });

  test("every path that it is told is mounted, read-only, and nothing else of the server's", () => {
    const paths = [`${server}/tls`, `${server}/cred`, `${server}/token`, `${server}/db/etcd`];
    const [container, { volumes }] = [containerOf({ home }), podOf({ home })];
    const mounts = container.volumeMounts.filter(({ mountPath }) => mountPath.startsWith(server));
    expect(mounts.map(({ mountPath }) => mountPath)).toEqual(paths);
    expect(mounts.every((mount) => "readOnly" in mount && mount.readOnly)).toBe(true);
    const named = new Map(volumes.map(({ name, hostPath }) => [name, hostPath.path]));
    for (const { name, mountPath } of container.volumeMounts) expect(named.get(name)).toBe(mountPath);
    expect(named.size).toBe(container.volumeMounts.length);
  });
});

describe("its half of the connectivity graph", () => {
  const half = (bucket?: typeof s3) =>
    etcdBackupHalf(bucket === undefined ? {} : { s3: bucket }, facts, { closed: "every-pod" });

  test("calls etcd on the control-plane nodes and S3 at its address, and is called by nobody", () => {
    const { peers, edges = [], workloads } = half(s3);
    expect(peers).toEqual({
      etcd: {
        cidrs: ["172.20.20.1/32", "172.20.20.11/32", "172.20.20.51/32"],
        ports: { client: { port: 2379 } },
        amongPods: true,
      },
      s3: { cidrs: ["172.20.20.254/32"], ports: { s3: { port: 5001 } }, amongPods: true },
    });
    expect(edges.map(({ from, to, port }) => [from, to, port])).toEqual([
      ["etcd-backup/etcd-backup", "etcd", "client"],
      ["etcd-backup/etcd-backup", "s3", "s3"],
    ]);
    expect(workloads?.[0]?.ports).toBeUndefined();
  });

  test("a service with a name is looked for outside the cluster, at the port of its protocol", () => {
    const { peers, edges = [] } = half({ ...s3, endpoint: "https://s3.eu-central-1.amazonaws.com" });
    expect(peers?.["s3"]).toEqual({
      cidrs: ["0.0.0.0/0"],
      except: ["10.42.0.0/16", "10.43.0.0/16", "169.254.169.254/32"],
      ports: { s3: { port: 443 } },
    });
    expect(edges.map(({ to }) => to)).toEqual(["etcd", "s3", "kube-system/coredns", "kube-system/coredns"]);
  });

  test("without S3 it calls etcd alone, and is sound by itself", () => {
    expect(half().edges?.map(({ to }) => to)).toEqual(["etcd"]);
    expect(graphProblems(facts, [half()])).toEqual([]);
  });
});
