import { apiServers, controlPlane } from "../../../components/monitoring/insights/cluster.ts";
import { dns } from "../../../components/monitoring/insights/platform.ts";
import { objects } from "../../../components/monitoring/insights/workloads.ts";
import { prometheusConfig, rulesFile, ruleTests } from "../../../components/monitoring/prometheus-files.ts";

const external = { environment: "test" };
const insights = [apiServers(undefined), controlPlane, dns];
const containing = (some: readonly unknown[]): unknown => expect.arrayContaining([...some]);
const config = prometheusConfig(insights, { interval: "30s", external });
const jobOf = (name: string) => config.scrape_configs.find(({ job_name }) => job_name === name);

test("everything is scraped at one interval, with less time than that to answer", () => {
  expect(config.global).toEqual({
    scrape_interval: "30s",
    scrape_timeout: "10s",
    evaluation_interval: "30s",
    external_labels: external,
  });
  expect(prometheusConfig(insights, { interval: "5s", external }).global.scrape_timeout).toBe("5s");
});

test("pods are found in their namespace by their labels, once each, by their address and the port", () => {
  expect(jobOf("coredns")).toMatchObject({
    kubernetes_sd_configs: [
      {
        role: "pod",
        namespaces: { names: ["kube-system"] },
        selectors: [{ role: "pod", label: "k8s-app=kube-dns" }],
      },
    ],
    relabel_configs: containing([
      {
        source_labels: ["__meta_kubernetes_pod_ip"],
        regex: "(.+)",
        target_label: "__address__",
        replacement: "$1:9153",
      },
    ]),
  });
  expect(jobOf("coredns")).not.toHaveProperty("authorization");
});

test("nodes of the control plane alone are asked for etcd, and by their address", () => {
  expect(jobOf("etcd")).toMatchObject({
    kubernetes_sd_configs: [{ role: "node" }],
    relabel_configs: containing([
      {
        source_labels: ["__meta_kubernetes_node_labelpresent_node_role_kubernetes_io_control_plane"],
        regex: "true",
        action: "keep",
      },
    ]),
  });
});

test("a token is shown to servers of TLS alone, whose certificate is verified where the cluster's CA has signed it", () => {
  expect(jobOf("api-server")).toMatchObject({
    scheme: "https",
    authorization: { credentials_file: expect.stringMatching(/token$/) as string },
    tls_config: { ca_file: expect.stringMatching(/ca\.crt$/) as string },
  });
  expect(jobOf("scheduler")).toMatchObject({ tls_config: { insecure_skip_verify: true } });
});

test("what speaks of others keeps the names that it gives them", () => {
  const { scrape_configs } = prometheusConfig([objects], { interval: "30s", external });
  expect(scrape_configs[0]).toMatchObject({ job_name: "kube-state-metrics", honor_labels: true });
  expect(jobOf("coredns")).not.toHaveProperty("honor_labels");
  const labelled = (jobs: typeof scrape_configs) =>
    jobs[0]?.relabel_configs.flatMap((one) => one["target_label"] ?? []);
  // Its next pod goes on with the same series.
  expect(labelled(scrape_configs)).toEqual(["__address__", "instance"]);
  expect(labelled([jobOf("coredns") as (typeof scrape_configs)[0]])).toContain("pod");
});

test("what nobody asks for is not kept", () => {
  for (const { metric_relabel_configs } of config.scrape_configs) {
    expect(metric_relabel_configs[0]).toMatchObject({ source_labels: ["__name__"], action: "keep" });
  }
});

test("each part is a group of rules, whose alerts lead to their runbooks", () => {
  const { groups } = rulesFile(insights, "https://acme.example/alerts");
  expect(groups.map(({ name }) => name)).toEqual(["api-server", "control-plane", "coredns"]);
  expect(groups[2]?.rules[0]).toMatchObject({
    alert: "CoreDnsDown",
    for: "2m",
    labels: { severity: "critical" },
    annotations: { runbook_url: "https://acme.example/alerts#corednsdown" },
  });
  expect(groups[0]?.rules[0]).toEqual({
    record: "quintet:api_requests:rate5m",
    expr: 'sum by (verb, code) (rate(apiserver_request_total{job="api-server"}[5m]))',
  });
});

test("the rules of a stack's own are a group beside them", () => {
  const says = {
    severity: "critical",
    summary: "Slow.",
    description: "People wait.",
    runbook: "https://wiki.example/slow",
  } as const;
  const { groups } = rulesFile([], "https://acme.example/alerts", {
    ShopSlow: { expr: "up == 0", for: "10m", ...says },
  });
  expect(groups).toEqual([
    {
      name: "own",
      rules: [
        {
          alert: "ShopSlow",
          expr: "up == 0",
          for: "10m",
          labels: { severity: "critical" },
          annotations: { summary: "Slow.", description: "People wait.", runbook_url: "https://wiki.example/slow" },
        },
      ],
    },
  ]);
});

test("each case of an alert is a test of promtool's", () => {
  const { tests } = ruleTests(dns, "rules.json");
  expect(tests).toHaveLength(dns.alerts.flatMap(({ cases }) => cases).length);
  expect(tests[0]).toEqual({
    name: "CoreDnsDown: none answers",
    interval: "1m",
    input_series: [{ series: 'up{job="coredns",pod="a"}', values: "0x10" }],
    alert_rule_test: [
      { eval_time: "5m", alertname: "CoreDnsDown", exp_alerts: [{ exp_labels: { severity: "critical" } }] },
    ],
  });
});
