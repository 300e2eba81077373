/** Ingresses, Gateways and routes for the tests of rules: each complies, or has one thing changed. */
import { clusterWide, manifest } from "./manifests.ts";

export const host = "web.example";

/** A path to port 80 of Service web. */
export const path = (change: object = {}) => ({
  path: "/",
  pathType: "Prefix",
  backend: { service: { name: "web", port: { number: 80 } } },
  ...change,
});

export const rule = (change: object = {}) => ({ host, http: { paths: [path()] }, ...change });

export const ingress = (change: object = {}, metadata: object = {}) =>
  manifest(
    "networking.k8s.io/v1",
    "Ingress",
    { spec: { ingressClassName: "nginx", rules: [rule()], tls: [{ hosts: [host], secretName: "web" }], ...change } },
    metadata,
  );

/** An Ingress of which only the annotations are changed. */
export const annotated = (annotations: object, change: object = {}) => ingress(change, { annotations });

export const service = (change: object = {}, metadata: object = {}) =>
  manifest("v1", "Service", { spec: { ports: [{ name: "http", port: 80 }], ...change } }, metadata);

const api = "gateway.networking.k8s.io/v1";

export const listener = (change: object = {}) => ({
  name: "https",
  port: 443,
  protocol: "HTTPS",
  tls: { certificateRefs: [{ name: "web" }] },
  allowedRoutes: { namespaces: { from: "All" } },
  ...change,
});

export const gateway = (listeners: unknown = [listener()], change: object = {}, metadata: object = {}) =>
  manifest(
    api,
    "Gateway",
    { spec: { gatewayClassName: "istio", listeners, ...change } },
    { namespace: "edge", name: "gateway", ...metadata },
  );

export const parent = { namespace: "edge", name: "gateway", sectionName: "https" };
export const toWeb = { name: "web", port: 80 };

/** A route of host web.example to port 80 of Service web. */
export const route = (change: object = {}, metadata: object = {}, kind = "HTTPRoute") =>
  manifest(
    api,
    kind,
    { spec: { hostnames: [host], parentRefs: [parent], rules: [{ backendRefs: [toWeb] }], ...change } },
    metadata,
  );

export const gatewayClass = (name: string) => clusterWide(api, "GatewayClass", {}, { name });

export const ingressClass = (name: string, annotations: object = {}) =>
  clusterWide("networking.k8s.io/v1", "IngressClass", {}, { name, annotations });

/** What lets objects of namespace shop name others of namespace bank. */
export const grant = (kind: string, to: object, change: object = {}, metadata: object = {}) =>
  manifest(
    "gateway.networking.k8s.io/v1beta1",
    "ReferenceGrant",
    {
      spec: {
        from: [{ group: "gateway.networking.k8s.io", kind, namespace: "shop", ...change }],
        to: [{ group: "", ...to }],
      },
    },
    { namespace: "bank", ...metadata },
  );
