/**
 * The smallest stack: one of each kind that the engine treats in its own way, each after the one before, so that a run
 * can be cut off after any of them.
 */
import { readFileSync } from "node:fs";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { CustomResourceDefinition } from "@pulumi/kubernetes/apiextensions/v1/customResourceDefinition.js";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { versions } from "../../../../versions.ts";

const config = new pulumi.Config();
const name = config.require("name");
/** Changed to see that a later run may still change what an earlier one has made. */
const round = config.require("round");
/** Where no node is, so that nobody ever runs there. */
const nowhere = config.getBoolean("slow") === true ? { nodeSelector: { "quintet.dev/nowhere": "true" } } : {};

const provider = new Provider("cluster", {
  kubeconfig: pulumi.secret(readFileSync(config.require("kubeconfig"), "utf8")),
  clusterIdentifier: config.require("clusterId"),
  enableConfigMapMutable: true,
  enableSecretMutable: true,
});
const labels = { "faults.quintet.dev/name": name };
const after = (...dependsOn: pulumi.Resource[]) => ({ provider, dependsOn });

const namespace = new Namespace("namespace", { metadata: { name, labels } }, { provider });
const inside = { namespace: name, labels };

const fixed = new ConfigMap("fixed", { metadata: { ...inside, name: "fixed" }, data: { round } }, after(namespace));
// The engine gives it a name, another one with each attempt: what an attempt leaves behind shows as a second one.
const named = new ConfigMap("named", { metadata: inside, data: { round } }, after(fixed));
const secret = new Secret(
  "secret",
  { metadata: { ...inside, name: "secret" }, stringData: { round: pulumi.secret(`planted-${round}`) } },
  after(named),
);

const group = `${name}.faults.quintet.dev`;
const definition = new CustomResourceDefinition(
  "definition",
  {
    metadata: { name: `things.${group}`, labels },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural: "things", singular: "thing", kind: "Thing" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: { spec: { type: "object", properties: { round: { type: "string" } } } },
            },
          },
        },
      ],
    },
  },
  after(secret),
);
const thing = new CustomResource(
  "thing",
  { apiVersion: `${group}/v1`, kind: "Thing", metadata: { ...inside, name: "thing" }, spec: { round } },
  after(definition),
);

const amounts = { cpu: "10m", memory: "16Mi" };
const deployment = new Deployment(
  "deployment",
  {
    metadata: { ...inside, name: "app" },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "app" } },
      template: {
        metadata: { labels: { app: "app" }, annotations: { round } },
        spec: {
          ...nowhere,
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 100, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: "app",
              image: versions.images.podinfo,
              command: ["./podinfo"],
              resources: { requests: amounts, limits: amounts },
              readinessProbe: { httpGet: { path: "/readyz", port: 9898 }, periodSeconds: 5, timeoutSeconds: 2 },
              securityContext: {
                readOnlyRootFilesystem: true,
                allowPrivilegeEscalation: false,
                capabilities: { drop: ["ALL"] },
              },
            },
          ],
        },
      },
    },
  },
  after(thing),
);
new Service(
  "service",
  { metadata: { ...inside, name: "app" }, spec: { selector: { app: "app" }, ports: [{ name: "http", port: 80 }] } },
  after(deployment),
);
