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
