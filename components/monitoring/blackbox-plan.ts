/** blackbox-exporter, which asks what users ask, as plain manifests. No Pulumi here. */
import { createHash } from "node:crypto";
import { clusterDns } from "../cluster/half.ts";
import type { Edge, Half, NamespaceRules } from "../connectivity-graph.ts";
import { asUser, lockedDown, lostNodeTolerations, nobody } from "../pod-plan.ts";
import { blackboxNamespace, monitoringLabels, monitoringPorts } from "./names.ts";
import { platformCa, type Probe } from "./probes.ts";

/** What decides the shape of the exporter. */
export interface BlackboxSpec {
  readonly image: string;
  readonly probes: readonly Probe[];
  /** The Secret that has the platform's CA beside a certificate. @default no question needs it */
  readonly caSecret?: string | undefined;
}

const name = "blackbox-exporter";
const labels = monitoringLabels.blackbox;

/** How edges write it. */
export const blackboxRef = `${blackboxNamespace}/${name}`;

const amounts = { requests: { cpu: "10m", memory: "24Mi" }, limits: { cpu: "250m", memory: "64Mi" } };

/** What it adds to the connectivity graph: it calls whom it asks, and resolves their names. */
export function blackboxHalf(probes: readonly Probe[], { closed }: NamespaceRules): Half {
  const asked = probes.flatMap(({ of, to, ports }) =>
    ports.map((port): Edge => ({ from: blackboxRef, to, port, why: `${of} is asked as users ask it` })),
  );
  const names = ["dns", "dns-tcp"]
    .filter((port) => !asked.some((edge) => edge.to === clusterDns && edge.port === port))
    .map((port): Edge => ({ from: blackboxRef, to: clusterDns, port, why: "those it asks are resolved" }));
  return {
    of: "probes",
    namespaces: { [blackboxNamespace]: { closed } },
    workloads: [{ namespace: blackboxNamespace, name, labels, ports: { metrics: { port: monitoringPorts.blackbox } } }],
    edges: [...asked, ...names],
  };
}

/** Every manifest of the exporter; namespaces are added by who applies it. */
export function planBlackbox({ image, probes, caSecret }: BlackboxSpec) {
  const metadata = { name, labels };
  const modules = Object.fromEntries(probes.map(({ of, module }) => [of, module]));
  const file = JSON.stringify({ modules }, undefined, 1);
  const folder = "/etc/blackbox-exporter";
  // It reads its file once: another one is another ConfigMap, with which the pod is replaced.
  const configName = `${name}-${createHash("sha256").update(file).digest("hex").slice(0, 8)}`;
  const probe = (periodSeconds: number) => ({
    httpGet: { path: "/-/healthy", port: "metrics" },
    periodSeconds,
    timeoutSeconds: 5,
  });
  return {
    serviceAccount: { metadata, automountServiceAccountToken: false },
    rights: { cluster: [], namespace: [] },
    configMap: { metadata: { name: configName, labels }, data: { "blackbox.json": file } },
    deployment: {
      metadata,
      spec: {
        replicas: 1, // it keeps nothing: where it is missing, another is made
        selector: { matchLabels: labels },
        strategy: { type: "Recreate" },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            automountServiceAccountToken: true, // the API server is asked by somebody whom it knows
            enableServiceLinks: false,
            securityContext: asUser(nobody),
            tolerations: lostNodeTolerations,
            containers: [
              {
                name,
                image,
                args: [
                  `--config.file=${folder}/blackbox.json`,
                  `--web.listen-address=:${String(monitoringPorts.blackbox)}`,
                ],
                ports: [{ name: "metrics", containerPort: monitoringPorts.blackbox }],
                resources: amounts,
                readinessProbe: probe(5),
                livenessProbe: probe(15),
                securityContext: lockedDown,
                volumeMounts: [
                  { name: "config", mountPath: folder, readOnly: true },
                  ...(caSecret === undefined
                    ? []
                    : [{ name: "ca", mountPath: platformCa.slice(0, platformCa.lastIndexOf("/")), readOnly: true }]),
                ],
              },
            ],
            volumes: [
              { name: "config", configMap: { name: configName } },
              ...(caSecret === undefined
                ? []
                : [{ name: "ca", secret: { secretName: caSecret, items: [{ key: "ca.crt", path: "ca.crt" }] } }]),
            ],
          },
        },
      },
    },
  };
}
