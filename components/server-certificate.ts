/** A server's certificate from the platform's issuer. */
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import type { Issuing } from "./certificates.ts";
import { planServerCertificate } from "./certificates-plan.ts";

/** Arguments of {@link ServerCertificate}. */
export interface ServerCertificateArgs {
  /** The name of the Certificate, and of the Secret that it is kept in. */
  readonly certificate: string;
  /** The namespace of both. */
  readonly namespace: pulumi.Input<string>;
  /** The names that clients may call the server by, of which `*.` may begin one. */
  readonly dnsNames: readonly string[];
  /** Who signs: of the component Certificates. */
  readonly issuing: Issuing;
}

/** How long `up` waits for the first certificate, which an ACME server may take its time for. */
const customTimeouts = { create: "10m", update: "10m", delete: "5m" };

/**
 * A server's certificate from the platform's issuer, in a Secret of type kubernetes.io/tls that is renewed in place.
 *
 * It is deleted by itself and not with its namespace: cert-manager, which has to take back what it has begun for it,
 * may be gone by then. So it takes no `deletedWith` but the cluster.
 */
export class ServerCertificate extends pulumi.ComponentResource {
  /** The name of the Secret, known once the certificate is in it. */
  public readonly secretName: pulumi.Output<string>;
  /** The Certificate itself, for `dependsOn`. */
  public readonly resource: pulumi.Resource;

  public constructor(name: string, args: ServerCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:ServerCertificate", name, {}, opts);
    const { certificate, namespace, dnsNames, issuing } = args;
    const { metadata, spec } = planServerCertificate({ name: certificate, dnsNames, ...issuing });
    const made = new CustomResource(
      `${name}-certificate`,
      { apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata: { ...metadata, namespace }, spec },
      {
        parent: this,
        customTimeouts,
        dependsOn: [...issuing.ready],
        ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }),
      },
    );
    this.resource = made;
    this.secretName = made.metadata.apply(() => spec.secretName);
    this.registerOutputs({ secretName: this.secretName });
  }
}
