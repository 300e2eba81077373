import { Provider } from "@pulumi/kubernetes/provider.js";
import { graphProblems } from "../../../components/connectivity-graph.ts";
import { planNodeCollector } from "../../../components/logging/collector-plan.ts";
import { eventCollectorConfig } from "../../../components/logging/event-collector.ts";
import { loggingHalf, logOwners } from "../../../components/logging/half.ts";
import { Logging } from "../../../components/logging/index.ts";
import { lineCollectorConfig } from "../../../components/logging/line-collector.ts";
import { logExpression } from "../../../components/logging/log-expression.ts";
import { indexed, lokiConfig, planLoki } from "../../../components/logging/loki-plan.ts";
import { logAlertNames } from "../../../components/logging/notify-rules.ts";
import { logRulesFile, type RulerSpec } from "../../../components/logging/ruler-plan.ts";
import {
  loggingProblems,
  type LoggingConfig,
  loggingSchema,
  type LokiConfig,
} from "../../../components/logging/schema.ts";
import { type Tenants, tenantsSchema } from "../../../components/tenant-schema.ts";
import { record } from "../../lib/record.ts";
import { facts } from "../../lib/stacks.ts";

const written = (more: object = {}) => loggingSchema.parse({ kind: "loki", ...more }) as LokiConfig;
const quota = { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } };
const tenantsOf = (...names: string[]): Tenants =>
  tenantsSchema.parse(
    Object.fromEntries(names.map((name) => [name, { quota, namespaces: name === "shop" ? { web: {}, db: {} } : {} }])),
  );
const owners = logOwners(tenantsSchema.parse({ shop: { quota, namespaces: { web: {}, db: {} } } }));
const ownRule = {
  of: { kind: "lines", saying: 'payment "failed"', namespace: "shop-web", app: "pay" },
  atLeast: 3,
  within: "2m",
  severity: "critical",
  summary: "s",
  description: "d",
  runbook: "https://wiki.example/pay",
};
const planned = (more: object = {}) => planLoki({ ...written(more), image: "l:1", racks: true });

test("whose lines are kept apart: the platform's, and each tenant's that has a namespace", () => {
  expect(logOwners({})).toEqual([{ name: "platform", namespaces: [] }]);
  expect(owners).toEqual([
    { name: "platform", namespaces: [] },
    { name: "shop", namespaces: ["shop-web", "shop-db"] },
  ]);
});

test("a tenant cannot be called as the platform's lines are", () => {
  const called = (name: string) => ({ [name]: tenantsOf("shop")["shop"] }) as Tenants;
  const problems = (config: LoggingConfig, tenants: Tenants) =>
    loggingProblems(config, { tenants, monitoring: { kind: "prometheus" } });
  expect(problems(written(), called("platform"))).toEqual([
    [["tenants", "platform"], expect.stringContaining("give the tenant another name")],
  ]);
  expect(problems(written(), called("shop"))).toEqual([]);
  expect(problems({ kind: "none" }, called("platform"))).toEqual([]);
});

test("each line goes to its owner and to nobody else", () => {
  const { receivers, exporters, service } = lineCollectorConfig(owners, 100);
  expect(receivers["file_log/shop"]).toMatchObject({
    include: ["/var/log/pods/shop-web_*/*/*.log", "/var/log/pods/shop-db_*/*/*.log"],
  });
  expect(receivers["file_log/platform"]).toMatchObject({
    include: ["/var/log/pods/*/*/*.log"],
    exclude: [
      "/var/log/pods/shop-web_*/*/*.log",
      "/var/log/pods/shop-db_*/*/*.log",
      "/var/log/pods/log-collector_*/*/*.log",
    ],
  });
  for (const { name } of owners) {
    expect(exporters[`otlp_http/${name}`]).toMatchObject({ headers: { "X-Scope-OrgID": name } });
    expect(service.pipelines[`logs/${name}`]).toMatchObject({
      receivers: [`file_log/${name}`],
      exporters: [`otlp_http/${name}`],
    });
  }
});

test("each event goes to its owner: a tenant's are watched by themselves, and left out of the platform's", () => {
  const { receivers, processors, service } = eventCollectorConfig(owners, 100);
  expect(receivers["k8s_events/shop"]).toMatchObject({ namespaces: ["shop-web", "shop-db"] });
  expect(receivers["k8s_events/platform"]).not.toHaveProperty("namespaces");
  expect(processors).toMatchObject({
    "filter/platform": {
      logs: {
        log_record: ['attributes["k8s.namespace.name"] == "shop-web"', 'attributes["k8s.namespace.name"] == "shop-db"'],
      },
    },
  });
  expect(service.pipelines["logs/platform"]?.processors).toContain("filter/platform");
  expect(service.pipelines["logs/shop"]?.processors).not.toContain("filter/platform");
  expect(eventCollectorConfig(logOwners({}), 100).processors).not.toHaveProperty("filter/platform");
});

test("streams are told apart by what both collectors say of a line", () => {
  const { limits_config, auth_enabled } = lokiConfig({ retentionDays: 3, rateMiB: 2 });
  expect(auth_enabled).toBe(true);
  expect(limits_config).toMatchObject({ retention_period: "72h", ingestion_rate_mb: 2 });
  const said = JSON.stringify([lineCollectorConfig(owners, 100), eventCollectorConfig(owners, 100)]);
  for (const label of indexed) expect(said).toMatch(new RegExp(`"(resource\\.)?${label}"`));
});

test("another configuration of Loki is another ConfigMap, which its pod names", () => {
  const [one, other] = [planned(), planned({ retentionDays: 30 })];
  expect(one.configMap.metadata.name).not.toBe(other.configMap.metadata.name);
  expect(one.statefulSet.spec.template.spec.volumes[0]).toEqual({
    name: "config",
    configMap: { name: one.configMap.metadata.name },
  });
});

const told = {
  notify: written({ notify: { without: ["PodEvicted"], rules: { ShopPaymentsFail: ownRule } } }).notify,
  owners,
  alertmanagers: ["http://a:9093", "http://b:9093"],
  runbooks: "docs/alerts.md",
  external: { environment: "test" },
};

test("Loki tells every Alertmanager of the same rules for each owner, and without one it has none", () => {
  const { statefulSet, configMap } = planLoki({ ...written(), image: "l:1", racks: true, ruler: told });
  expect(statefulSet.spec.template.spec.containers[0]?.volumeMounts.slice(2)).toEqual(
    ["platform", "shop"].map((owner) => ({
      name: "config",
      mountPath: `/etc/loki-rules/${owner}/rules.json`,
      subPath: "rules.json",
      readOnly: true,
    })),
  );
  expect(Object.keys(configMap.data)).toEqual(["loki.json", "rules.json"]);
  expect(lokiConfig({ ...written(), ruler: told }).ruler).toMatchObject({
    alertmanager_url: "http://a:9093,http://b:9093",
    external_labels: { environment: "test" },
    storage: { type: "local", local: { directory: "/etc/loki-rules" } },
  });
  expect(Object.keys(planned().configMap.data)).toEqual(["loki.json"]);
  expect(lokiConfig(written())).not.toHaveProperty("ruler");
});

test("another rule is another ConfigMap, too", () => {
  const nameOf = (ruler: RulerSpec) =>
    planLoki({ ...written(), image: "l:1", racks: true, ruler }).configMap.metadata.name;
  expect(nameOf({ ...told, notify: written().notify })).not.toBe(nameOf(told));
});

test("the rules are the platform's own but for those that are left out, and the stack's with their own page", () => {
  const { rules } = logRulesFile(told).groups[0] ?? { rules: [] };
  expect(rules.map(({ alert }) => alert)).toEqual([
    ...logAlertNames.filter((name) => name !== "PodEvicted"),
    "ShopPaymentsFail",
  ]);
  expect(rules[0]?.annotations.runbook_url).toBe("docs/alerts.md#imagenotpulled");
  expect(rules.at(-1)).toEqual({
    alert: "ShopPaymentsFail",
    expr: 'sum by (namespace, pod, container) (count_over_time({source="pods", namespace="shop-web", app="pay"} |~ "payment \\"failed\\"" [2m])) >= 3',
    labels: { severity: "critical" },
    annotations: { summary: "s", description: "d", runbook_url: "https://wiki.example/pay" },
  });
});

test("events are counted by their reasons, and where it is said by their messages", () => {
  const of = (more: object) =>
    logExpression({ of: { kind: "events", reasons: ["A", "B"], ...more }, atLeast: 2, within: "10m" });
  expect(of({})).toBe(
    'sum by (namespace, kind, name) (count_over_time({source="events"} | k8s_event_reason=~"A|B" [10m])) >= 2',
  );
  expect(of({ saying: "(?i)image" })).toContain('{source="events"} |~ "(?i)image" | k8s_event_reason=~"A|B"');
});

test("rules of a stack's own want somebody who is told", () => {
  const config = written({ notify: { rules: { ShopPaymentsFail: ownRule } } });
  expect(loggingProblems(config, { tenants: {}, monitoring: { kind: "none" } })).toEqual([
    [["logging", "notify", "rules"], expect.stringContaining("nobody is told")],
  ]);
  expect(loggingProblems(config, { tenants: {}, monitoring: { kind: "prometheus" } })).toEqual([]);
  expect(loggingProblems(written(), { tenants: {}, monitoring: { kind: "none" } })).toEqual([]);
});

test("Loki calls Alertmanager where there is one, and nobody else", () => {
  const from = (notifies: boolean) =>
    (loggingHalf(notifies, { closed: "every-pod" }).edges ?? [])
      .filter((edge) => edge.from === "logging/loki")
      .map(({ to, port }) => `${to} ${port}`);
  expect(from(true)).toEqual(["monitoring/alertmanager web", "kube-system/coredns dns", "kube-system/coredns dns-tcp"]);
  expect(from(false)).toEqual([]);
});

test("Loki keeps its files in a folder of the pod, or in a claim of a class", () => {
  expect(planned({ size: "3Gi" }).statefulSet.spec.template.spec.volumes).toContainEqual({
    name: "data",
    emptyDir: { sizeLimit: "3Gi" },
  });
  const { statefulSet } = planned({ size: "3Gi", storageClass: "fast" });
  expect(statefulSet.spec.volumeClaimTemplates?.[0]?.spec).toMatchObject({
    storageClassName: "fast",
    resources: { requests: { storage: "3Gi" } },
  });
  expect(statefulSet.spec.template.spec.volumes.map(({ name }) => name)).toEqual(["config"]);
});

test("a collector of a node reads its lines as one of root's group, without a capability", () => {
  const { daemonSet, rights } = planNodeCollector({ image: "o:1", owners, collector: written().collector });
  const { spec } = daemonSet.spec.template;
  expect(spec.securityContext).toMatchObject({ runAsUser: 65534, runAsGroup: 0, runAsNonRoot: true });
  expect(spec.volumes).toContainEqual({ name: "lines", hostPath: { path: "/var/log/pods", type: "Directory" } });
  expect(spec.containers[0]?.volumeMounts).toContainEqual({
    name: "lines",
    mountPath: "/var/log/pods",
    readOnly: true,
  });
  expect(spec.containers[0]?.securityContext.capabilities).toEqual({ drop: ["ALL"] });
  expect(rights.cluster).toEqual([{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }]);
});

test("its edges are sound with the rest", () => {
  const half = loggingHalf(true, { closed: "every-pod" });
  const problems = graphProblems(facts, [half]).map(([, problem]) => problem);
  expect(problems.every((problem) => problem.startsWith("there is no "))).toBe(true);
  expect((half.edges ?? []).filter(({ to }) => to === "logging/loki").map(({ from }) => from)).toEqual([
    "log-collector/log-collector",
    "logging/event-collector",
    "api-server",
  ]);
});

test("makes two namespaces, of which the one with folders of nodes is privileged", async () => {
  const { collector, ...kept } = written();
  const { resources } = await record(
    () =>
      new Logging(
        "logging",
        {
          owner: "acme/quintet/test",
          kubernetesMinor: "1.36",
          policies: [],
          loki: { ...kept, image: "l:1", racks: true },
          collectors: { image: "o:1", owners, collector },
        },
        { provider: new Provider("target", {}) },
      ),
  );
  const made = resources.filter(({ custom, type }) => custom && type.startsWith("kubernetes:"));
  expect(made.map(({ type, name }) => `${type.split(":")[2] ?? ""} ${name}`)).toEqual([
    "DaemonSet logging-collector-daemon-set",
    "Deployment logging-events-deployment",
    "StatefulSet logging-loki-stateful-set",
    "ConfigMap logging-collector-files",
    "ConfigMap logging-events-files",
    "ConfigMap logging-loki-files",
    "Service logging-loki-service",
    "ServiceAccount logging-collector-service-account",
    "ServiceAccount logging-events-service-account",
    "ServiceAccount logging-loki-service-account",
    "PodDisruptionBudget logging-loki-disruption-budget",
    "ClusterRole logging-collector-cluster-role",
    "ClusterRole logging-events-cluster-role",
    "ClusterRoleBinding logging-collector-cluster-role-binding",
    "ClusterRoleBinding logging-events-cluster-role-binding",
    "Namespace logging-collector-namespace",
    "Namespace logging-namespace",
  ]);
  const levelOf = (name: string) => made.find((one) => one.name === name)?.inputs["metadata"];
  expect(levelOf("logging-namespace")).toMatchObject({
    labels: { "pod-security.kubernetes.io/enforce": "restricted" },
  });
  expect(levelOf("logging-collector-namespace")).toMatchObject({
    labels: { "pod-security.kubernetes.io/enforce": "privileged" },
  });
});
