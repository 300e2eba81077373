/** Namespaces that are in the mesh, and where its calls are led. */
import { z } from "zod";
import { istioNamespace } from "../../../components/istio-names.ts";
import { type Item, itemsOf } from "../items.ts";
import { elsewhere, isKind } from "../lookup.ts";
import type { KubernetesObject, Objects } from "../object.ts";
import { at, numberOf, property, text } from "../values.ts";

/** The API group of what leads calls. */
export const networking = "networking.istio.io";

/** The API group of who may call whom. */
export const security = "security.istio.io";

/** The namespace in which is said what holds for the whole mesh, as a parameter. */
export const rootNamespace = z.string().default(istioNamespace);

/** The parameter of rules that read what holds for the whole mesh, and no more. */
export const rootParameter = z.strictObject({ root: rootNamespace }).prefault({});

/** How pods of a namespace are in the mesh: by a sidecar each, by their node's proxy, or not at all. */
export function meshOf(namespace: string, objects: Objects): "sidecar" | "ambient" | undefined {
  const object = objects.named("Namespace", namespace);
  if (object === undefined) return undefined;
  return elsewhere(object, () => {
    const label = (key: string) => text(at(object.value, "metadata", "labels", key));
    const injection = label("istio-injection");
    // "disabled" stands above the revision (istio.io/docs/setup/additional-setup/sidecar-injection).
    const injected = injection === "enabled" || (injection !== "disabled" && label("istio.io/rev") !== undefined);
    // A pod that has a sidecar is left to it, whatever else its namespace says.
    if (injected) return "sidecar";
    return label("istio.io/dataplane-mode") === "ambient" ? "ambient" : undefined;
  });
}

/** A destination of a VirtualService. */
export interface Destination {
  readonly path: string;
  readonly host: string;
  readonly subset: string | undefined;
  /** The number of the Service's port. */
  readonly port: number | undefined;
}

/** Whether an object is one that says where calls of a host go. */
export const isVirtualService = (object: KubernetesObject): boolean => isKind(object, networking, "VirtualService");

/** Whether an object is one that says how a host is called. */
export const isDestinationRule = (object: KubernetesObject): boolean => isKind(object, networking, "DestinationRule");

/** The name by which all sidecars together go, among Gateways. */
export const mesh = "mesh";

/** The Gateways that a VirtualService names, sidecars among them. */
export const gatewaysOf = ({ value }: KubernetesObject): readonly Item[] =>
  itemsOf(at(value, "spec", "gateways"), "spec.gateways");

/** Whether a VirtualService leads calls of sidecars, which it does where it names no Gateway. */
export function leadsMesh(object: KubernetesObject): boolean {
  const names = gatewaysOf(object);
  return names.length === 0 || names.some(({ read }) => read() === mesh);
}

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
        return {
          path,
          host: text(property(one, "host")) ?? "",
          subset: text(property(one, "subset")),
          port: numberOf(at(one, "port", "number")),
        };
      });
  });
}
