import { Provider } from "@pulumi/kubernetes/provider.js";
import { Monitoring } from "../../../components/monitoring/index.ts";
import { alertmanagerConfig, planAlertmanager } from "../../../components/monitoring/alertmanager-plan.ts";
import { planKubeStateMetrics, planNodeExporter } from "../../../components/monitoring/exporters-plan.ts";
import { apiServers } from "../../../components/monitoring/insights/cluster.ts";
import { planPrometheus } from "../../../components/monitoring/prometheus-plan.ts";
import { receiverSchema } from "../../../components/monitoring/receiver-schema.ts";
import { monitoringSchema, type PrometheusConfig } from "../../../components/monitoring/schema.ts";
import { record, secret } from "../../lib/record.ts";

const images = { prometheus: "p:1", alertmanager: "a:1", kubeStateMetrics: "k:1", nodeExporter: "n:1", grafana: "g:1" };
const written = (more: object = {}) => monitoringSchema.parse({ kind: "prometheus", ...more }) as PrometheusConfig;
const told = {
  external: { environment: "test" },
  runbooks: "docs/alerts.md",
  insights: [apiServers(6443)],
  racks: true,
};
const planned = (more: object = {}) => planPrometheus({ ...written(more), ...told, image: "p:1" });
const podOf = (more: object = {}) => planned(more).statefulSet.spec.template.spec;

const ca = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

/** What the component makes in a cluster. */
async function madeWith(more: object = {}) {
  const owned = { owner: "acme/quintet/test", kubernetesMinor: "1.36", policies: [] };
  const around = {
    images,
    seen: { traces: false },
    textfiles: [],
    grafanaPassword: "planted-password",
    remoteWriteSecret: "planted-token",
    alertReceiverSecret: "planted-password-of-mail",
  };
  const { resources } = await record(
    () =>
      new Monitoring(
        "monitoring",
        { ...written(more), ...told, ...owned, ...around },
        { provider: new Provider("target", {}) },
      ),
  );
  return resources.filter(({ custom, type }) => custom && type.startsWith("kubernetes:"));
}

test("makes two namespaces, and each program after its account and its files", async () => {
  const made = await madeWith();
  expect(made.map(({ type, name }) => `${type.split(":")[2] ?? ""} ${name}`)).toEqual([
    "DaemonSet monitoring-node-exporter-daemon-set",
    "Deployment monitoring-kube-state-metrics-deployment",
    "StatefulSet monitoring-alertmanager-stateful-set",
    "StatefulSet monitoring-prometheus-stateful-set",
    "ConfigMap monitoring-alertmanager-files",
    "ConfigMap monitoring-prometheus-files",
    "Service monitoring-alertmanager-service",
    "Service monitoring-prometheus-service",
    "ServiceAccount monitoring-alertmanager-service-account",
    "ServiceAccount monitoring-kube-state-metrics-service-account",
    "ServiceAccount monitoring-node-exporter-service-account",
    "ServiceAccount monitoring-prometheus-service-account",
    "PodDisruptionBudget monitoring-alertmanager-disruption-budget",
    "PodDisruptionBudget monitoring-prometheus-disruption-budget",
    "ClusterRole monitoring-kube-state-metrics-cluster-role",
    "ClusterRole monitoring-prometheus-cluster-role",
    "ClusterRoleBinding monitoring-kube-state-metrics-cluster-role-binding",
    "ClusterRoleBinding monitoring-prometheus-cluster-role-binding",
    "Namespace monitoring-namespace",
    "Namespace monitoring-node-exporter-namespace",
  ]);
  const of = (name: string) => made.find((one) => one.name === name);
  expect(of("monitoring-prometheus-stateful-set")?.after).toEqual(
    expect.arrayContaining([
      "kubernetes:core/v1:ConfigMap::monitoring-prometheus-files",
      "kubernetes:core/v1:ServiceAccount::monitoring-prometheus-service-account",
    ]),
  );
  expect(of("monitoring-prometheus-cluster-role")?.inputs["rules"]).toContainEqual({
    nonResourceURLs: ["/metrics"],
    verbs: ["get"],
  });
  const levelOf = (name: string) => of(name)?.inputs["metadata"];
  expect(levelOf("monitoring-namespace")).toMatchObject({
    labels: { "pod-security.kubernetes.io/enforce": "restricted" },
  });
  expect(levelOf("monitoring-node-exporter-namespace")).toMatchObject({
    labels: { "pod-security.kubernetes.io/enforce": "privileged" },
  });
});

test("Grafana comes with its dashboards, and with a password that is a secret", async () => {
  const made = await madeWith({ grafana: { kind: "grafana" } });
  const own = made.filter(({ name }) => name.startsWith("monitoring-grafana"));
  expect(own.map(({ name }) => name)).toEqual([
    "monitoring-grafana-deployment",
    "monitoring-grafana-dashboards",
    "monitoring-grafana-provisioning",
    "monitoring-grafana-secret",
    "monitoring-grafana-service",
    "monitoring-grafana-service-account",
  ]);
  expect(own.find(({ name }) => name.endsWith("secret"))?.inputs).toMatchObject({ stringData: secret });
  expect(JSON.stringify(made)).not.toContain("planted-password");
});

test("Prometheus keeps what fits, in a folder of the pod or in a claim of a class", () => {
  expect(podOf().containers[0]?.args).toEqual(
    expect.arrayContaining(["--storage.tsdb.retention.time=15d", "--storage.tsdb.retention.size=8GB"]),
  );
  expect(podOf().volumes).toContainEqual({ name: "data", emptyDir: { sizeLimit: "10240Mi" } });
  const { volumeClaimTemplates } = planned({ storageClass: "fast" }).statefulSet.spec;
  expect(volumeClaimTemplates?.[0]?.spec).toEqual({
    accessModes: ["ReadWriteOnce"],
    storageClassName: "fast",
    resources: { requests: { storage: "10240Mi" } },
  });
  expect(podOf({ storageClass: "fast" }).volumes.map(({ name }) => name)).toEqual(["config"]);
});

test("what logs in at the far end is a Secret that Prometheus comes after, and two are told apart there", async () => {
  const url = "https://metrics.example/api/v1/write";
  const remoteWrite = { url, authentication: { kind: "bearer" }, tls: { ca } };
  const made = await madeWith({ remoteWrite });
  expect(made.find(({ name }) => name === "monitoring-remote-write-secret")?.inputs["stringData"]).toBe(secret);
  const without = await madeWith({ remoteWrite: { url } });
  expect(without.map(({ name }) => name)).not.toContain("monitoring-remote-write-secret");
  const { data } = planned({ remoteWrite }).configMap;
  expect(Object.keys(data)).toEqual(["prometheus.json", "rules.json", "remote-write-ca.pem"]);
  const file = JSON.parse(data["prometheus.json"]) as { global: { external_labels: object }; remote_write: object[] };
  expect(file.global.external_labels).toEqual({ environment: "test", prometheus_replica: "${POD_NAME}" });
  expect(file.remote_write).toHaveLength(1);
  expect(podOf({ remoteWrite }).containers[0]).toMatchObject({ env: [{ name: "POD_NAME" }] });
});

test("what Alertmanager logs in with is a Secret that it comes after, where it logs in", async () => {
  const name = "monitoring-alert-receiver-secret";
  const mail = { kind: "email", server: "smtp.example:587", from: "a@acme.example", to: ["ops@acme.example"] };
  const madeFor = (receiver: object) => madeWith({ alertmanager: { receiver } });
  const made = await madeFor({ ...mail, username: "quintet", tls: { ca } });
  expect(made.find((one) => one.name === name)?.inputs["stringData"]).toBe(secret);
  expect(made.find((one) => one.name === "monitoring-alertmanager-stateful-set")?.after).toContainEqual(
    expect.stringContaining(name),
  );
  const files = made.find((one) => one.name === "monitoring-alertmanager-files")?.inputs["data"] as object;
  expect(Object.keys(files)).toEqual(["alertmanager.json", "receiver-ca.pem"]);
  expect((await madeFor(mail)).map((one) => one.name)).not.toContain(name);
});

test("the files of Prometheus are read again when they change, without a new pod", () => {
  const { configMap, statefulSet } = planned();
  expect(Object.keys(configMap.data)).toEqual(["prometheus.json", "rules.json"]);
  expect(configMap.metadata.name).toBe("prometheus");
  expect(statefulSet.spec.template.spec.containers[0]?.args).toContain("--config.auto-reload");
});

test("one may be evicted in any case, and of two the other stays", () => {
  expect(planned().podDisruptionBudget.spec).toMatchObject({ maxUnavailable: 1 });
  expect(planned({ replicas: 2, alertmanager: { replicas: 2 } }).podDisruptionBudget.spec).toMatchObject({
    minAvailable: "50%",
  });
});

test("Alertmanager tells the receiver, and says a lost node once", () => {
  const { receivers, inhibit_rules } = alertmanagerConfig({
    receiver: receiverSchema.parse({ kind: "webhook", url: "https://alerts.example/hook" }),
  });
  expect(receivers).toEqual([
    { name: "people", webhook_configs: [{ url: "https://alerts.example/hook", send_resolved: true }] },
  ]);
  expect(alertmanagerConfig({ receiver: { kind: "none" } }).receivers).toEqual([{ name: "people" }]);
  expect(inhibit_rules[0]).toMatchObject({ source_matchers: ['alertname="NodeNotReady"'], equal: ["node"] });
});

test("another configuration of Alertmanager is another ConfigMap, which its pods name", () => {
  const planOf = (url: string) =>
    planAlertmanager({
      image: "a:1",
      racks: true,
      replicas: 1,
      receiver: receiverSchema.parse({ kind: "webhook", url }),
    });
  const [one, other] = [planOf("https://a.example"), planOf("https://b.example")];
  expect(one.configMap.metadata.name).not.toBe(other.configMap.metadata.name);
  expect(one.statefulSet.spec.template.spec.volumes[0]).toEqual({
    name: "config",
    configMap: { name: one.configMap.metadata.name },
  });
});

test("several Alertmanagers know each other, and a single one listens for nobody", () => {
  const argsOf = (replicas: number) =>
    planAlertmanager({ image: "a:1", racks: true, replicas, receiver: { kind: "none" } }).statefulSet.spec.template.spec
      .containers[0]?.args;
  expect(argsOf(2)?.filter((arg) => arg.startsWith("--cluster"))).toEqual([
    "--cluster.listen-address=$(POD_IP):9094",
    "--cluster.peer=alertmanager-0.alertmanager.monitoring.svc:9094",
    "--cluster.peer=alertmanager-1.alertmanager.monitoring.svc:9094",
  ]);
  expect(argsOf(1)?.filter((arg) => arg.startsWith("--cluster"))).toEqual(["--cluster.listen-address="]);
});

test("kube-state-metrics may list what it counts, and nothing else", () => {
  const { rights, deployment } = planKubeStateMetrics({ image: "k:1" });
  const resources = rights.cluster.flatMap((rule) => rule.resources).sort();
  expect(rights.cluster.every(({ verbs }) => verbs.join() === "list,watch")).toBe(true);
  expect(deployment.spec.template.spec.containers[0]?.args).toContain(`--resources=${resources.join(",")}`);
  expect(resources).not.toContain("secrets");
});

test("node-exporter sees its node, drops every capability, and has a network of its own", () => {
  const { daemonSet } = planNodeExporter({ image: "n:1", textfiles: ["/var/lib/quintet/etcd-backup"] });
  const { spec } = daemonSet.spec.template;
  expect(spec).not.toHaveProperty("hostNetwork");
  expect(spec).not.toHaveProperty("hostPID");
  expect(spec.containers[0]?.args).toContain("--collector.textfile.directory=/host/textfiles/0");
  expect(spec.volumes).toContainEqual({
    name: "textfiles-0",
    hostPath: { path: "/var/lib/quintet/etcd-backup", type: "DirectoryOrCreate" },
  });
  expect(spec.containers[0]?.volumeMounts.every(({ readOnly }) => readOnly)).toBe(true);
  expect(spec.containers[0]?.securityContext.capabilities).toEqual({ drop: ["ALL"] });
});
