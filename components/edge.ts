/** The way in from outside, out of its components: the ingress, and the public names where a hosted zone keeps them. */
import type * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig } from "../config.ts";
import { bookstoreRoutes } from "./bookstore-plan.ts";
import type { ClusterFacts } from "./cluster/facts.ts";
import { ExternalDns } from "./external-dns.ts";
import { frontOf, namesOf } from "./ingress-plan.ts";
import { Ingress, type IngressArgs } from "./ingress.ts";
import { revisionsOf } from "./mesh-schema.ts";
import { backendApp } from "./platform-network.ts";
import { ports } from "./podinfo-plan.ts";

/** Arguments of {@link createEdge}. */
export interface EdgeArgs extends Pick<
  IngressArgs,
  "racks" | "live" | "clusterDomain" | "owner" | "kubernetesMinor" | "policies" | "issuing" | "authorization" | "after"
> {
  readonly config: PlatformConfig;
  readonly facts: ClusterFacts;
}

/** The ingress, unless none is wanted. */
export function createEdge(args: EdgeArgs, opts: pulumi.ComponentResourceOptions): Ingress | undefined {
  const { config, facts, ...given } = args;
  const { ingress: wanted, mesh, backend, bookstore, stack } = config;
  if (wanted.kind === "none") return undefined;
  const { current } = revisionsOf(mesh);
  const { publicZone } = facts;
  const { owner, kubernetesMinor, policies } = given;
  const keepers =
    publicZone === undefined
      ? []
      : [
          new ExternalDns(
            "external-dns",
            { owner, kubernetesMinor, policies, zone: publicZone, recordsOwner: stack },
            opts,
          ),
        ];
  return new Ingress(
    "ingress",
    {
      ...given,
      ...wanted,
      revision: current.name,
      image: current.images.proxy,
      front: frontOf(wanted, facts),
      backend: { namespace: backend.namespace, service: backendApp, port: ports.service },
      others: bookstoreRoutes(bookstore),
      publicNames: publicZone && namesOf(wanted),
      after: [...given.after, ...keepers.map(({ ready }) => ready)],
    },
    opts,
  );
}
