/** The mesh, out of its components: Istio with its agents, and the rules of who calls whom, and how. */
import type * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig } from "../config.ts";
import { type MeshPolicy, meshedNamespaces } from "./authorization-plan.ts";
import { Authorization } from "./authorization.ts";
import { type ClusterFacts, cniFoldersOf } from "./cluster/facts.ts";
import type { Graph } from "./connectivity-graph.ts";
import { planExternals } from "./externals-plan.ts";
import { Externals } from "./externals.ts";
import { gatewayLabels } from "./gateway-plan.ts";
import { IstioCni } from "./istio-cni.ts";
import { istioNamespace } from "./istio-names.ts";
import { Istio, type IstioArgs } from "./istio.ts";
import { revisionsOf } from "./mesh-schema.ts";
import { serviceRef } from "./mesh-service.ts";
import { meshServices } from "./mesh-services.ts";
import { planMeshTraffic } from "./rollout-plan.ts";
import { Sampling } from "./tracing/index.ts";
import { Traffic } from "./traffic.ts";

/** Arguments of {@link createMesh}. */
export interface MeshArgs extends Pick<
  IstioArgs,
  "racks" | "live" | "clusterDomain" | "owner" | "kubernetesMinor" | "policies" | "after"
> {
  readonly config: Pick<PlatformConfig, "mesh" | "ingress" | "definitions" | "tracing">;
  readonly facts: ClusterFacts;
  /** Who talks to whom, and so which namespaces are in the mesh. */
  readonly graph: Graph;
}

/**
 * The control plane and the agents of the nodes; nothing where there is no ingress, since the mesh comes with it.
 *
 * @returns what pods of the mesh come after
 */
export function createMesh(args: MeshArgs, opts: pulumi.ComponentResourceOptions): readonly pulumi.Resource[] {
  const { config, facts, graph, racks, live, clusterDomain, after, ...owned } = args;
  if (config.ingress.kind === "none") return [];
  const { revisions, current } = revisionsOf(config.mesh);
  const excluded = ["kube-system", istioNamespace];
  const agents = { ...owned, image: current.images.cni, folders: cniFoldersOf(facts), excluded };
  const cni = new IstioCni("istio-cni", agents, opts);
  const controlPlane = {
    racks,
    live,
    clusterDomain,
    ...owned,
    revisions,
    current: current.name,
    replicas: config.mesh.controlPlane.replicas,
    imageSource: facts.imageSource,
    namespaces: meshedNamespaces(graph),
    traced: config.tracing.kind !== "none",
    definitions: config.definitions.mesh,
    sidecars: config.mesh.sidecars,
    ingressGateway: config.ingress.classic ? gatewayLabels.istio : undefined,
    after,
  };
  const istio = new Istio("istio", controlPlane, opts);
  return [...istio.ready, cni.ready];
}

/** Arguments of {@link createMeshRules}. */
export interface MeshRulesArgs {
  readonly config: PlatformConfig;
  readonly graph: Graph;
  readonly clusterDomain: string;
  /** Whom all but the gateway let in. */
  readonly policies: readonly MeshPolicy[];
  /** What traffic comes after: the control plane, and the namespaces of the Services. */
  readonly ready: readonly pulumi.Resource[];
  /** The namespaces of tenants. */
  readonly tenants: readonly pulumi.Resource[];
}

/**
 * How calls go, who may make them, and whom outside they may be to.
 *
 * @returns what pods of the mesh come after, so that none is there before what decides whom it lets in
 */
export function createMeshRules(
  args: MeshRulesArgs,
  opts: pulumi.ComponentResourceOptions,
): readonly pulumi.Resource[] {
  const { config, graph, clusterDomain, policies, ready, tenants } = args;
  if (config.ingress.kind === "none") return [];
  for (const spec of planMeshTraffic(meshServices(config), config)) {
    new Traffic(`traffic-${serviceRef(spec.service)}`, { ...spec, clusterDomain, after: ready }, opts);
  }
  const after = [...ready, ...tenants];
  const { tracing } = config;
  const sampling = tracing.kind === "none" ? [] : [new Sampling("sampling", { ...tracing, after: ready }, opts)];
  return [
    ...sampling.flatMap((one) => one.ready),
    ...new Authorization("authorization", { policies, after }, opts).ready,
    ...new Externals("externals", { plan: planExternals(config.mesh.externals, graph), after }, opts).ready,
  ];
}
