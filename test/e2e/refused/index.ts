/** Makes the objects that it is given, whatever they are: what the policies say of them is the test's affair. */
import { readFileSync } from "node:fs";
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** A resource of any type: the engine asks nothing more of it. */
class Anything extends pulumi.CustomResource {}

const config = new pulumi.Config();
const kubeconfig = pulumi.secret(readFileSync(config.require("kubeconfig"), "utf8"));
const provider = new Provider("cluster", { kubeconfig });

for (const manifest of config.requireObject<readonly Manifest[]>("objects")) {
  const { apiVersion, kind, metadata } = manifest;
  const group = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
  new Anything(`kubernetes:${group}:${kind}`, `${kind} ${metadata.name}`, { ...manifest }, { provider });
}
