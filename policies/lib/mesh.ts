/** Namespaces that are in the mesh, and hosts as Istio reads them. */
import { z } from "zod";
import { istioNamespace } from "../../components/istio-names.ts";
import { type Item, itemsOf } from "./items.ts";
import { elsewhere, groupOf, isKind, lookupOf } from "./lookup.ts";
import { type KubernetesObject, namespaceOf, type Objects } from "./object.ts";
import { services } from "./services.ts";
import { at, property, text } from "./values.ts";

/** The API group of what leads calls. */
export const networking = "networking.istio.io";

/** The API group of who may call whom. */
export const security = "security.istio.io";

/** The parameter of rules that read what holds for the whole mesh: the namespace in which it is said. */
export const rootParameter = z.strictObject({ root: z.string().default(istioNamespace) }).prefault({});

/** How pods of a namespace are in the mesh: by a sidecar each, by their node's proxy, or not at all. */
export function meshOf(namespace: string, objects: Objects): "sidecar" | "ambient" | undefined {
  const object = objects.named("Namespace", namespace);
  if (object === undefined) return undefined;
  return elsewhere(object, () => {
    const label = (key: string) => text(at(object.value, "metadata", "labels", key));
    const injection = label("istio-injection");
    if (label("istio.io/dataplane-mode") === "ambient") return "ambient";
    // It stands above the revision (istio.io/docs/setup/additional-setup/sidecar-injection).
    if (injection === "disabled") return undefined;
    return injection === "enabled" || label("istio.io/rev") !== undefined ? "sidecar" : undefined;
  });
}

/** A host with all of its name: one without a dot is a Service of the namespace in which it is written. */
export const fullHost = (host: string, namespace: string): string =>
  host.includes(".") || host.startsWith("*") ? host : `${host}.${namespace}.svc.`;

/** The Service that a full host names; `undefined` of one outside, and of a pattern. */
export function serviceOf(host: string): { readonly namespace: string; readonly name: string } | undefined {
  const [, name, namespace] = /^([^.*]+)\.([^.]+)\.svc\.(?:.+)?$/.exec(host) ?? [];
  return name === undefined || namespace === undefined ? undefined : { namespace, name };
}

/** A host as a key: whatever the cluster's domain is, a Service is one. */
export function hostKey(host: string, namespace: string): string {
  const service = serviceOf(fullHost(host, namespace));
  return service === undefined ? host : `${service.name}.${service.namespace}.svc`;
}

/** A destination of a VirtualService. */
export interface Destination {
  readonly path: string;
  readonly host: string;
  readonly subset: string | undefined;
}

/** Whether an object is one that says where calls of a host go. */
export const isVirtualService = (object: KubernetesObject): boolean => isKind(object, networking, "VirtualService");

/** Whether an object is one that says how a host is called. */
export const isDestinationRule = (object: KubernetesObject): boolean => isKind(object, networking, "DestinationRule");

/** Every destination of a VirtualService, each read when it is asked for. */
export function destinationsOf({ value }: KubernetesObject): readonly (() => Destination)[] {
  const spec = property(value, "spec");
  const below = (item: Item, key: string): Item => ({
    path: `${item.path}.${key}`,
    read: () => property(item.read(), key),
  });
  const routes = ["http", "tls", "tcp"].flatMap((kind) => itemsOf(property(spec, kind), `spec.${kind}`));
  return routes.flatMap((route) => {
    const all = [
      ...itemsOf(property(route.read(), "route"), `${route.path}.route`).map((one) => below(one, "destination")),
      ...itemsOf(property(route.read(), "mirrors"), `${route.path}.mirrors`).map((one) => below(one, "destination")),
      below(route, "mirror"),
    ];
    return all
      .filter(({ read }) => read() !== undefined)
      .map(({ path, read }) => () => {
        const one = read();
        return { path, host: text(property(one, "host")) ?? "", subset: text(property(one, "subset")) };
      });
  });
}

/** The hosts outside that the mesh knows. */
const entries = lookupOf<string>(
  (objects) => objects.ofKind("ServiceEntry"),
  ({ value, ...object }) =>
    groupOf(object) === networking
      ? itemsOf(at(value, "spec", "hosts"), "spec.hosts").map(({ read }) => ["", text(read()) ?? ""] as const)
      : [],
);

/**
 * Whether calls to a host reach something that the mesh knows; a Service of a namespace that is not the stack's may.
 *
 * @param namespace where the host is written
 */
export function isKnownHost(host: string, namespace: string, objects: Objects): boolean {
  const service = serviceOf(fullHost(host, namespace));
  if (service !== undefined) {
    if (services(objects).at(`${service.namespace}/${service.name}`).length > 0) return true;
    const ours = service.namespace === namespace || objects.named("Namespace", service.namespace) !== undefined;
    if (!ours && objects.inNamespace("Service", service.namespace).length === 0) return true;
  }
  const hosts = entries(objects).at("");
  if (hosts.some((known) => known === host || (known.startsWith("*.") && host.endsWith(known.slice(1))))) return true;
  services(objects).mustHaveRead(service?.namespace);
  entries(objects).mustHaveRead();
  return false;
}

/** DestinationRules by the host that they are for. */
export const destinationRules = lookupOf<KubernetesObject>(
  (objects) => objects.ofKind("DestinationRule"),
  (object) => {
    if (groupOf(object) !== networking) return [];
    return [[hostKey(text(at(object.value, "spec", "host")) ?? "", namespaceOf(object)), object]];
  },
);
