/** Ingresses in one form, whichever version of the API they are written for. */
import { type Item, itemsOf } from "../items.ts";
import { groupOf, isOwned } from "../lookup.ts";
import type { KubernetesObject } from "../object.ts";
import { at, isAbsent, list, property, text } from "../values.ts";

/** Whether an object is an Ingress that says what it is. */
export const isIngress = (object: KubernetesObject): boolean =>
  object.kind === "Ingress" &&
  !object.patch &&
  (groupOf(object) === "networking.k8s.io" || groupOf(object) === "extensions") &&
  !isOwned(object);

/** The rules of an Ingress. */
export const rulesOf = ({ value }: KubernetesObject): readonly Item[] =>
  itemsOf(at(value, "spec", "rules"), "spec.rules");

/** The paths of a rule. */
export const pathsOf = ({ path, read }: Item): readonly Item[] =>
  itemsOf(at(read(), "http", "paths"), `${path}.http.paths`);

/** The host of a rule; "" for any. */
export const hostOf = ({ read }: Item): string => text(property(read(), "host")) ?? "";

/** What is called when no rule fits; `undefined` when nothing is. */
export function defaultBackendOf({ value }: KubernetesObject): Item | undefined {
  for (const key of ["defaultBackend", "backend"]) {
    const backend = at(value, "spec", key);
    if (!isAbsent(backend)) return { path: `spec.${key}`, read: () => backend };
  }
  return undefined;
}

/** The backends of an Ingress: one of each path, and that for all else. */
export function backendsOf(object: KubernetesObject): readonly Item[] {
  const own = defaultBackendOf(object);
  const ofPaths = rulesOf(object).flatMap((rule) =>
    pathsOf(rule).map(({ path, read }) => ({ path: `${path}.backend`, read: () => property(read(), "backend") })),
  );
  return own === undefined ? ofPaths : [own, ...ofPaths];
}

/** The hosts of its TLS sections; one without hosts is for all of them. */
export const tlsHostsOf = ({ value }: KubernetesObject): readonly string[] =>
  list(at(value, "spec", "tls")).flatMap((section) => {
    const hosts = list(property(section, "hosts"));
    return hosts.length === 0 ? ["*"] : hosts.map((host) => text(host) ?? "");
  });

/** Whether a host, or each that a pattern stands for, is among those of a pattern: `*.example` is for one label more. */
export const covers = (pattern: string, host: string): boolean =>
  pattern === "*" ||
  pattern.toLowerCase() === host.toLowerCase() ||
  (pattern.startsWith("*.") && pattern.slice(1).toLowerCase() === host.slice(host.indexOf(".")).toLowerCase());

/** The Service and the port that a backend of an Ingress names; `undefined` for another kind of backend. */
export function backendOf({ apiVersion }: KubernetesObject, { path, read }: Item): Backend | undefined {
  const value = read();
  if (property(value, "resource") !== undefined) return undefined;
  // networking.k8s.io/v1 drops what was written in the versions before it, those what is written in it.
  if (apiVersion !== "networking.k8s.io/v1") {
    const [name, port] = [text(property(value, "serviceName")), property(value, "servicePort")];
    const written = typeof port === "number" || typeof port === "string" ? port : undefined;
    return { name, port: written, namePath: `${path}.serviceName`, portPath: `${path}.servicePort` };
  }
  const service = property(value, "service");
  const number = at(service, "port", "number");
  const port = typeof number === "number" && number !== 0 ? number : text(at(service, "port", "name"));
  const named = `${path}.service`;
  return { name: text(property(service, "name")), port, namePath: `${named}.name`, portPath: `${named}.port` };
}

/** A backend that is a Service. */
export interface Backend {
  readonly name: string | undefined;
  readonly port: number | string | undefined;
  readonly namePath: string;
  readonly portPath: string;
}

/** The class of an Ingress, in its field or in the annotation that came before it. */
export const classOf = ({ value }: KubernetesObject): string | undefined =>
  text(at(value, "spec", "ingressClassName")) ??
  text(at(value, "metadata", "annotations", "kubernetes.io/ingress.class"));
