/** blackbox-exporter, which asks what users ask, as plain manifests. No Pulumi here. */
import { lookups } from "../cluster/half.ts";
import type { Edge, Half, NamespaceRules } from "../connectivity-graph.ts";
import { httpProbe, lockedDown, nobody, unprivileged } from "../pod-plan.ts";
import { alone, hashedName } from "../workload-plan.ts";
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
  const names = lookups(blackboxRef, "those it asks are resolved").filter(
    ({ to, port }) => !asked.some((edge) => edge.to === to && edge.port === port),
  );
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
  const configName = hashedName(name, file);
  const pod = {
    // The API server is asked by somebody whom it knows.
    ...unprivileged(name, { user: nobody, token: true }),
    containers: [
      {
        name,
        image,
        args: [`--config.file=${folder}/blackbox.json`, `--web.listen-address=:${String(monitoringPorts.blackbox)}`],
        ports: [{ name: "metrics", containerPort: monitoringPorts.blackbox }],
        resources: amounts,
        readinessProbe: httpProbe("/-/healthy", "metrics", 5),
        livenessProbe: httpProbe("/-/healthy", "metrics", 15),
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
  };
  return {
    serviceAccount: { metadata, automountServiceAccountToken: false },
    rights: { cluster: [], namespace: [] },
    configMap: { metadata: { name: configName, labels }, data: { "blackbox.json": file } },
    deployment: alone(name, labels, pod), // it keeps nothing: where it is missing, another is made
  };
}
