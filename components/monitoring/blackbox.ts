/** What asks the platform as its users do. */
import * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig } from "../../config.ts";
import { versions } from "../../versions.ts";
import type { Issuing } from "../certificates.ts";
import type { ClusterFacts } from "../cluster/facts.ts";
import { Namespace, type NamespaceArgs } from "../namespace.ts";
import { platformProbes } from "../platform-insights.ts";
import { makeProgram } from "../program.ts";
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

/** What asks the platform as its users do. */
export class Blackbox extends pulumi.ComponentResource {
  public constructor(name: string, args: BlackboxArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Blackbox", name, {}, opts);
    const { image, probes, issuing, after, ...owned } = args;
    const wide = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const home = new Namespace(name, { namespace: blackboxNamespace, ...owned }, wide);
    const { namespace } = home;
    // Beside each certificate that it signs an issuer lays the CA: this one is for nothing else.
    const own = "public-ca";
    const trusting = JSON.stringify(probes).includes(platformCa);
    const dnsNames = [`${own}.${blackboxNamespace}.svc`];
    const beside = trusting
      ? [new ServerCertificate(`${name}-${own}`, { certificate: own, namespace, dnsNames, issuing }, wide).resource]
      : [];
    const plan = planBlackbox({ image, probes, caSecret: trusting ? own : undefined });
    makeProgram(name, plan, { wide, home, after: [...beside, ...after] });
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
