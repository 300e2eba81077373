/** Gateways and routes of the Gateway API. */
import { type Item, itemsOf } from "../items.ts";
import { byName, isKind } from "../lookup.ts";
import { type KubernetesObject, namespaceOf } from "../object.ts";
import { at, numberOf, property, text } from "../values.ts";

/** The API group. */
export const gatewayApi = "gateway.networking.k8s.io";

/** The kinds of routes. */
export const routeKinds = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"] as const;

/** Whether an object is a route. */
export const isRoute = (object: KubernetesObject): boolean => isKind(object, gatewayApi, ...routeKinds);

/** Whether an object is a Gateway, and not Istio's own of that name. */
export const isGateway = (object: KubernetesObject): boolean => isKind(object, gatewayApi, "Gateway");

/** Gateways of the stack by namespace and name. */
export const gateways = byName(gatewayApi, "Gateway");

/** The listeners of a Gateway. */
export const listenersOf = ({ value }: KubernetesObject): readonly Item[] =>
  itemsOf(at(value, "spec", "listeners"), "spec.listeners");

/** What an object refers to, with the defaults of where it stands. */
export interface Reference {
  readonly path: string;
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly port: number | undefined;
  /** The listener's name, of a parent. */
  readonly section: string | undefined;
}

/** Reads a reference of an object. */
export function referenceOf(
  object: KubernetesObject,
  { path, read }: Item,
  own: { group: string; kind: string },
): Reference {
  const value = read();
  return {
    path,
    group: text(property(value, "group")) ?? own.group,
    kind: text(property(value, "kind")) ?? own.kind,
    namespace: text(property(value, "namespace")) ?? namespaceOf(object),
    name: text(property(value, "name")) ?? "",
    port: numberOf(property(value, "port")),
    section: text(property(value, "sectionName")),
  };
}

/** The Gateways, or what else, that a route is attached to. */
export const parentsOf = (route: KubernetesObject): readonly (() => Reference)[] =>
  itemsOf(at(route.value, "spec", "parentRefs"), "spec.parentRefs").map(
    (item) => () => referenceOf(route, item, { group: gatewayApi, kind: "Gateway" }),
  );

/** The backends of a route, those that get copies among them. */
export function backendsOf(route: KubernetesObject): readonly (() => Reference)[] {
  const service = { group: "", kind: "Service" };
  return itemsOf(at(route.value, "spec", "rules"), "spec.rules").flatMap(({ path, read }) => {
    const rule = read();
    const mirrors = itemsOf(property(rule, "filters"), `${path}.filters`).flatMap((filter) => {
      const backend = at(filter.read(), "requestMirror", "backendRef");
      return backend === undefined ? [] : [{ path: `${filter.path}.requestMirror.backendRef`, read: () => backend }];
    });
    const refs = itemsOf(property(rule, "backendRefs"), `${path}.backendRefs`);
    return [...refs, ...mirrors].map((item) => () => referenceOf(route, item, service));
  });
}
