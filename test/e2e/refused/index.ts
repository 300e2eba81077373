/** A Deployment whose container has no limits: the qos pack has to refuse it before the cluster hears of it. */
import { readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

const kubeconfig = pulumi.secret(readFileSync(new pulumi.Config().require("kubeconfig"), "utf8"));
const provider = new k8s.Provider("cluster", { kubeconfig });
const labels = { app: "unlimited" };

new k8s.apps.v1.Deployment(
  "unlimited",
  {
    metadata: { name: "unlimited", namespace: "default" },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "app", image: "ghcr.io/stefanprodan/podinfo:6.9.2" }] },
      },
    },
  },
  { provider },
);
