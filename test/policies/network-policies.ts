/** NetworkPolicies for the tests of rules: a namespace that complies, and its parts to change. */
import { unknown } from "../lib/unknown.ts";
import { app, pod } from "./workloads.ts";

export { unknown };

export const labels = { app: "web" };

/** A namespace of a name. */
export const namespace = (name: string, own: object = {}) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, ...own },
});

/** A policy of namespace shop. */
export const policy = (name: string, spec: object, metadata: object = {}) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { namespace: "shop", name, ...metadata },
  spec,
});

/** What closes every pod of namespace shop, but for what rules open. */
export const closed = (rules: object = {}) =>
  policy("default", { podSelector: {}, policyTypes: ["Ingress", "Egress"], ...rules });

/** A Deployment whose pods have labels. */
export const labelled = (own: object = labels, spec: object = pod(), name = "web", where = "shop") => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace: where, name },
  spec: { template: { metadata: { labels: own }, spec } },
});

/** A pod that names its port. */
export const serving = app({ ports: [{ name: "http", containerPort: 8080 }] });
