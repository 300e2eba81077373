/** Grafana, as plain manifests: no Pulumi here. */
import { createHash } from "node:crypto";
import { httpProbe, lockedDown, unprivileged } from "../pod-plan.ts";
import { alone } from "../workload-plan.ts";
import { dashboardsOf } from "./dashboards.ts";
import { type Seen, sourcesFile } from "./grafana-sources.ts";
import type { Insight } from "./insight.ts";
import { monitoringLabels, monitoringPorts } from "./names.ts";
import type { PrometheusConfig } from "./schema.ts";

/** What decides the shape of Grafana. */
export interface GrafanaSpec {
  readonly image: string;
  readonly resources: Extract<PrometheusConfig["grafana"], { kind: "grafana" }>["resources"];
  readonly insights: readonly Insight[];
  /** What there is to look at beside figures. */
  readonly seen: Seen;
}

const name = "grafana";
const labels = monitoringLabels.grafana;
const port = monitoringPorts.grafana;

/** The Secret with the administrator's password, and its key. */
export const grafanaSecret = { name: "grafana", key: "password" } as const;

/** Who may come in, and what it does not do: Grafana's settings by its own variables (grafana.com, configure Grafana). */
const settings = {
  GF_AUTH_ANONYMOUS_ENABLED: "false",
  GF_USERS_ALLOW_SIGN_UP: "false",
  GF_SECURITY_ADMIN_USER: "admin",
  GF_SECURITY_ADMIN_PASSWORD__FILE: "/etc/grafana-secret/password",
  GF_SECURITY_DISABLE_GRAVATAR: "true",
  GF_SECURITY_COOKIE_SAMESITE: "strict",
  GF_ANALYTICS_REPORTING_ENABLED: "false",
  GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
  GF_NEWS_NEWS_FEED_ENABLED: "false",
  GF_PLUGINS_PREINSTALL_DISABLED: "true", // nothing is fetched from outside
  GF_PATHS_DATA: "/var/lib/grafana",
  GF_PATHS_LOGS: "/var/lib/grafana/log",
  GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: "/etc/grafana-dashboards/quintet-overview.json",
} as const;

const providers = {
  apiVersion: 1,
  providers: [
    {
      name: "quintet",
      folder: "Quintet",
      type: "file",
      disableDeletion: true,
      allowUiUpdates: false,
      options: { path: "/etc/grafana-dashboards" },
    },
  ],
};

/** Every manifest of Grafana but the Secret; namespaces are added by who applies it. */
export function planGrafana({ image, resources, insights, seen }: GrafanaSpec) {
  const metadata = { name, labels };
  const files = Object.fromEntries(
    dashboardsOf(insights).map(({ name: file, dashboard }) => [`${file}.json`, JSON.stringify(dashboard)]),
  );
  const provisioning = {
    "datasources.yaml": JSON.stringify(sourcesFile(seen)),
    "dashboards.yaml": JSON.stringify(providers),
  };
  const hash = createHash("sha256").update(JSON.stringify(provisioning)).digest("hex").slice(0, 16);
  const probe = (periodSeconds: number, failures?: number) => httpProbe("/api/health", "web", periodSeconds, failures);
  const pod = {
    ...unprivileged(name, { user: 472, token: false }), // the upstream image's own user
    containers: [
      {
        name,
        image,
        env: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
        ports: [{ name: "web", containerPort: port }],
        resources: { requests: resources, limits: resources },
        startupProbe: probe(3, 60),
        readinessProbe: probe(10),
        livenessProbe: probe(15, 4),
        securityContext: lockedDown,
        volumeMounts: [
          {
            name: "provisioning",
            mountPath: "/etc/grafana/provisioning/datasources/datasources.yaml",
            subPath: "datasources.yaml",
            readOnly: true,
          },
          {
            name: "provisioning",
            mountPath: "/etc/grafana/provisioning/dashboards/dashboards.yaml",
            subPath: "dashboards.yaml",
            readOnly: true,
          },
          { name: "dashboards", mountPath: "/etc/grafana-dashboards", readOnly: true },
          { name: "secret", mountPath: "/etc/grafana-secret", readOnly: true },
          { name: "data", mountPath: "/var/lib/grafana" },
          { name: "tmp", mountPath: "/tmp" },
        ],
      },
    ],
    volumes: [
      { name: "provisioning", configMap: { name: `${name}-provisioning` } },
      { name: "dashboards", configMap: { name: `${name}-dashboards` } },
      {
        name: "secret",
        secret: { secretName: grafanaSecret.name, items: [{ key: grafanaSecret.key, path: "password" }] },
      },
      { name: "data", emptyDir: { sizeLimit: "256Mi" } },
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
    ],
  };
  return {
    serviceAccount: { metadata, automountServiceAccountToken: false },
    rights: { cluster: [], namespace: [] },
    provisioning: { metadata: { name: `${name}-provisioning`, labels }, data: provisioning },
    // Read again by itself when it changes.
    dashboards: { metadata: { name: `${name}-dashboards`, labels }, data: files },
    service: { metadata, spec: { selector: labels, ports: [{ name: "http-web", port: 80, targetPort: "web" }] } },
    // What people make in it lies in one file.
    deployment: alone(name, labels, pod, { "quintet.dev/provisioning": hash }),
  };
}
