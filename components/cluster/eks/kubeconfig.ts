/** How the cluster is reached. */
import type { EksConfig } from "./schema.ts";

/** Where the API server is, and by which authority its certificate is signed. */
export interface ApiServer {
  readonly endpoint: string;
  /** PEM in base64. */
  readonly authority: string;
}

/**
 * A kubeconfig without a credential in it: the AWS command line signs a token with whatever role its caller has, which
 * must be one of `access`.
 */
export function kubeconfigOf({ name, region }: Pick<EksConfig, "name" | "region">, server: ApiServer): string {
  const args = ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"];
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server: server.endpoint, "certificate-authority-data": server.authority } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [
      {
        name,
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "aws",
            args,
            interactiveMode: "Never",
          },
        },
      },
    ],
  });
}
