/** A namespace of the mesh and what leads calls in it, for the tests of rules. */
import { service } from "./ingresses.ts";
import { clusterWide, labels, manifest } from "./manifests.ts";
import { formsOf } from "./workloads.ts";

export const namespace = (name: string, own: object = {}) => clusterWide("v1", "Namespace", {}, { name, labels: own });

/** Namespace shop in the mesh, by a revision. */
export const meshed = namespace("shop", { "istio.io/rev": "stable" });

/** What stands for a namespace of the mesh, and what does not. */
export const inMesh = [{ "istio.io/rev": "stable" }, { "istio-injection": "enabled" }];
export const outOfMesh = [
  {},
  { "istio-injection": "disabled" },
  { "istio-injection": "disabled", "istio.io/rev": "stable" },
];

export const peers = (mode: unknown, metadata: object = {}, spec: object = {}) =>
  manifest("security.istio.io/v1", "PeerAuthentication", { spec: { mtls: { mode }, ...spec } }, metadata);

export const web = service({}, {});

export const virtualService = (spec: object, metadata: object = {}) =>
  manifest("networking.istio.io/v1", "VirtualService", { spec: { hosts: ["web"], ...spec } }, metadata);

/** A Gateway of Istio's own kind, with one server for hosts. */
export const meshGateway = (hosts: readonly unknown[], metadata: object = {}) =>
  manifest("networking.istio.io/v1", "Gateway", { spec: { servers: [{ hosts }] } }, { name: "edge", ...metadata });

export const destinationRule = (spec: object, metadata: object = {}) =>
  manifest("networking.istio.io/v1", "DestinationRule", { spec: { host: "web", ...spec } }, metadata);

export const serviceEntry = (...hosts: unknown[]) =>
  manifest("networking.istio.io/v1", "ServiceEntry", { spec: { hosts } });

/** A pod in every form, with labels and annotations of its own. */
export function labelledForms(metadata: object, spec: object): readonly (readonly [kind: string, object: object])[] {
  const put = (value: unknown, kind: string): unknown => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const own = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, put(one, kind)]));
    return "template" in own ? { ...own, template: { ...(own["template"] as object), metadata } } : own;
  };
  return formsOf(spec).map(([kind, object]) => {
    if (kind !== "Pod") return [kind, put(object, kind) as object] as const;
    return [kind, { ...object, metadata: { namespace: "shop", name: "web", ...metadata } }] as const;
  });
}

export { labels };
