/** Certificates: cert-manager, and who signs. */
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import { CertManager } from "./cert-manager.ts";
import { certManagerNamespace, type CertManagerSpec } from "./cert-manager-plan.ts";
import { issuerRefOf, type IssuerRef, leafDaysOf, planSigners } from "./certificates-plan.ts";
import type { IssuerConfig } from "./certificates-schema.ts";
import { Namespace, type NamespaceArgs } from "./namespace.ts";

/** Arguments of {@link Certificates}. */
export interface CertificatesArgs
  extends Omit<CertManagerSpec, "gateway">, Pick<NamespaceArgs, "owner" | "kubernetesMinor" | "policies"> {
  /** Who signs; of an issuer that is there already, nothing is made. */
  readonly issuer: IssuerConfig;
  /** The definitions of cert-manager's kinds, of the same release as the images, as they are made. */
  readonly definitions: readonly pulumi.Resource[];
}

/** How long `up` waits for a signer, and `destroy` for what it has begun to be taken back. */
const customTimeouts = { create: "5m", update: "5m", delete: "5m" };

/** What a certificate of the platform needs to know, and to come after. */
export interface Issuing {
  readonly issuer: IssuerRef;
  /** How long a certificate lives, where that is not the issuer's own choice. */
  readonly days: number | undefined;
  /** Whether anybody issues: nobody does on simulated nodes. */
  readonly live: boolean;
  readonly ready: readonly pulumi.Resource[];
}

/** Certificates: cert-manager, and who signs. */
export class Certificates extends pulumi.ComponentResource {
  /** What certificates are made with. */
  public readonly issuing: Issuing;

  public constructor(name: string, args: CertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Certificates", name, {}, opts);
    const { issuer, live } = args;
    const child = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const ready = issuer.kind === "existing" ? [] : this.sign(name, args, child);
    this.issuing = { issuer: issuerRefOf(issuer), days: leafDaysOf(issuer), live, ready };
    this.registerOutputs({});
  }

  /** Installs cert-manager and makes one signer after the other, since each needs what the one before it has signed. */
  private sign(name: string, args: CertificatesArgs, child: pulumi.CustomResourceOptions): pulumi.Resource[] {
    const { issuer, owner, kubernetesMinor, policies, definitions, ...shape } = args;
    const namespace = new Namespace(
      `${name}-cert-manager`,
      { namespace: certManagerNamespace, owner, kubernetesMinor, policies },
      child,
    );
    const gateway = issuer.kind === "acme" ? issuer.solver.gateway : undefined;
    const certManager = new CertManager(`${name}-cert-manager`, { ...shape, gateway, definitions, namespace }, child);
    return planSigners(issuer, args.live).reduce<pulumi.Resource[]>(
      (before, { role, kind, manifest }) => [
        new CustomResource(
          `${name}-${role}`,
          { apiVersion: "cert-manager.io/v1", kind, ...manifest },
          { ...child, customTimeouts, dependsOn: before },
        ),
      ],
      [...certManager.ready],
    );
  }
}
