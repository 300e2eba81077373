/** What is broken on purpose, so that alerts fire. */
import { renameSync } from "node:fs";
import { join } from "node:path";
import { loggingLabels, loggingNamespace } from "../../../components/logging/names.ts";
import { controlPlane, type NodeSpec } from "../../../embedded/spec.ts";
import { versions } from "../../../versions.ts";
import { tenantPod } from "../fixtures.ts";
import { spec, state } from "./context.ts";

const namespace = "default";
/** A container that answers. */
export const podinfo = { name: "podinfo", image: versions.images.podinfo };

/** A Job that fails, for the alert on those. */
export const failingJob = (name: string) => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name, namespace },
  spec: {
    backoffLimit: 0,
    template: { spec: { restartPolicy: "Never", containers: [{ ...podinfo, command: ["/no/such/program"] }] } },
  },
});

const ends = { terminationGracePeriodSeconds: 0 };

/** A workload whose pods end at once when they are told to. */
export const controller = (
  kind: "Deployment" | "DaemonSet",
  name: string,
  podSpec: object,
  place: string = namespace,
) => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name, namespace: place },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { ...ends, ...podSpec } },
  },
});

/** A pod that ends at once when it is told to. */
export const shortLived = (name: string, podSpec: object) => pod(name, { ...ends, ...podSpec });

const pod = (name: string, podSpec: object) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace },
  spec: podSpec,
});

/** Pods whose events tell what is wrong. */
export const eventful = [
  pod("unpullable", { containers: [{ name: "none", image: "registry.example/none:1" }] }),
  pod("unmountable", {
    containers: [{ ...podinfo, volumeMounts: [{ name: "none", mountPath: "/none" }] }],
    volumes: [{ name: "none", configMap: { name: "none" } }],
  }),
];

/** A Deployment of a tenant whose one pod wants more than the tenant's quota. */
export const greedy = controller("Deployment", "greedy", greedyPod(), "shop-web");

function greedyPod(): object {
  const { nodeName, containers, ...others } = tenantPod("shop-web", "greedy", "").spec;
  const amounts = { cpu: "20m", memory: "300Mi" };
  return {
    ...others,
    ...(nodeName === "" ? {} : { nodeName }),
    containers: containers.map((one) => ({ ...one, resources: { requests: amounts, limits: amounts } })),
  };
}

/** It ends again and again, and says each time that it does not know a command. */
export const crashing = controller("Deployment", "crashing", {
  containers: [{ ...podinfo, command: ["podcli", "no such command"] }],
});

/** A rule of a stack's own, on what {@link crashing} says. */
export const ownRule = {
  of: { kind: "lines", saying: "unknown command", namespace: "default" },
  within: "2m",
  severity: "critical",
  summary: "{{ $labels.pod }} is told what it does not know.",
  description: "It ends again and again.",
  runbook: "https://wiki.example/commands",
};

/** Workloads and a certificate that never become what they should be. */
export const incomplete = [
  controller("Deployment", "nowhere", { nodeSelector: { "quintet.dev/nowhere": "" }, containers: [podinfo] }),
  crashing,
  controller("DaemonSet", "unready", {
    containers: [{ ...podinfo, readinessProbe: { httpGet: { path: "/", port: 1 } } }],
  }),
  {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: { name: "unsigned", namespace },
    spec: {
      secretName: "unsigned",
      dnsNames: ["unsigned.example"],
      issuerRef: { kind: "ClusterIssuer", name: "none" },
    },
  },
  // It has the labels of the collector of events, and does not listen where that one does.
  tenantPod(loggingNamespace, "silent", spec.nodes.at(-1)?.name ?? "", loggingLabels.events),
];

const manifests = "etc/kubernetes/manifests";

/**
 * Takes the manifests of static pods away from kubelets, or gives them back.
 *
 * @param nodes by default all of the control plane
 */
export function moveManifests(
  names: readonly string[],
  direction: "away" | "back",
  nodes: readonly NodeSpec[] = controlPlane(spec),
): void {
  for (const { name: node } of nodes) {
    for (const name of names) {
      const [there, aside] = [join(manifests, `${name}.yaml`), `etc/kubernetes/${name}.yaml`];
      const [from, to] = direction === "away" ? [there, aside] : [aside, there];
      renameSync(join(state.nodeRoot(node), from), join(state.nodeRoot(node), to));
    }
  }
}
