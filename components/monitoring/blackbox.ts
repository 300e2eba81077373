/** What asks the platform as its users do. */
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig } from "../../config.ts";
import { versions } from "../../versions.ts";
import type { Issuing } from "../certificates.ts";
import type { ClusterFacts } from "../cluster/facts.ts";
import { grant } from "../grants.ts";
import { Namespace, type NamespaceArgs, placedIn } from "../namespace.ts";
import { platformProbes } from "../platform-insights.ts";
import { ServerCertificate } from "../server-certificate.ts";
import { planBlackbox } from "./blackbox-plan.ts";
import { blackboxNamespace } from "./names.ts";
import { platformCa, type Probe } from "./probes.ts";

/** Arguments of {@link Blackbox}. */
export interface BlackboxArgs extends Pick<NamespaceArgs, "owner" | "kubernetesMinor" | "policies"> {
  readonly image: string;
  readonly probes: readonly Probe[];
  /** Who signs, used where a question is about whom clients trust. */
  readonly issuing: Issuing;
  /** Whom it asks: nothing is to fail before it is there. */
  readonly after: readonly pulumi.Resource[];
}

/** How long `up` waits for each step, the pull of an image included, before it fails and says what is missing. */
const customTimeouts = { create: "5m", update: "5m", delete: "5m" };

/** What asks the platform as its users do. */
export class Blackbox extends pulumi.ComponentResource {
  public constructor(name: string, args: BlackboxArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Blackbox", name, {}, opts);
    const { image, probes, issuing, after, ...owned } = args;
    const wide = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const home = new Namespace(name, { namespace: blackboxNamespace, ...owned }, wide);
    const { namespace } = home;
    const inside = { parent: this, deletedWith: home.resource };
    const placed = placedIn(namespace);
    // Beside each certificate that it signs an issuer lays the CA: this one is for nothing else.
    const own = "public-ca";
    const trusting = JSON.stringify(probes).includes(platformCa);
    const dnsNames = [`${own}.${blackboxNamespace}.svc`];
    const beside = trusting
      ? [new ServerCertificate(`${name}-${own}`, { certificate: own, namespace, dnsNames, issuing }, wide).resource]
      : [];
    const plan = planBlackbox({ image, probes, caSecret: trusting ? own : undefined });
    const known = grant(name, { ...plan, namespace }, { wide, inside });
    const file = new ConfigMap(`${name}-files`, placed(plan.configMap), inside);
    new Deployment(`${name}-deployment`, placed(plan.deployment), {
      ...inside,
      customTimeouts,
      dependsOn: [...known, file, ...beside, ...after], // named by plain strings, but for whom it asks
    });
    this.registerOutputs({});
  }
}

/** What the questions are made from. */
export interface BlackboxParts extends Pick<
  BlackboxArgs,
  "owner" | "kubernetesMinor" | "policies" | "issuing" | "after"
> {
  readonly config: PlatformConfig;
  readonly facts: ClusterFacts;
}

/** Asks the platform as its users do, where somebody watches. */
export function createBlackbox(
  { config, facts, ...given }: BlackboxParts,
  options: pulumi.ComponentResourceOptions,
): void {
  if (config.monitoring.kind === "none") return;
  const image = versions.images.blackboxExporter;
  new Blackbox("blackbox", { ...given, image, probes: platformProbes({ ...config, facts }) }, options);
}
