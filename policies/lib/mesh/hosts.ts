/** Hosts as Istio reads them: Services by their names, and what is outside by ServiceEntries. */
import { elsewhere, keyOf, lookupOf, ofKind } from "../lookup.ts";
import { type KubernetesObject, namespaceOf, type Objects } from "../object.ts";
import { services } from "../services.ts";
import { at, list, property, text } from "../values.ts";
import { networking } from "./mesh.ts";

/**
 * The Service that a host names; `undefined` of one outside, and of a pattern.
 *
 * @param own the namespace in which it is written: a host without a dot is a Service there
 */
export function serviceOf(
  host: string,
  own: string,
): { readonly namespace: string; readonly name: string } | undefined {
  const match = /^([^.*]+)\.([^.]+)\.svc\./.exec(host.includes(".") ? host : `${host}.${own}.svc.`);
  if (match === null) return undefined;
  const [, name = "", namespace = ""] = match;
  return { namespace, name };
}

/** A host as a key: whatever the cluster's domain is, a Service is one. */
export function hostKey(host: string, namespace: string): string {
  const service = serviceOf(host, namespace);
  return service === undefined ? host : `${service.name}.${service.namespace}.svc`;
}

/** What lies in a namespace, and whom it is for. */
interface Exported {
  readonly namespace: string;
  readonly exportTo: readonly string[];
}

/** A host outside that the mesh knows, and who sees it. */
interface Entry extends Exported {
  readonly host: string;
}

const entries = lookupOf<Entry>(ofKind(networking, "ServiceEntry"), (object) => {
  const [namespace, spec] = [namespaceOf(object), property(object.value, "spec")];
  const texts = (key: string) => list(property(spec, key)).map((one) => text(one) ?? "");
  const exportTo = texts("exportTo");
  return texts("hosts").map((host) => ["", { host, namespace, exportTo }] as const);
});

/** Whether what lies in a namespace, and says whom it is for, is seen from another. */
const isSeen = (exportTo: readonly string[], at: string, from: string): boolean =>
  exportTo.length === 0 || exportTo.some((to) => to === "*" || to === from || (to === "." && at === from));

/** Whether two things are seen from one namespace. */
export function seenTogether(one: Exported, other: Exported): boolean {
  const places = [one, other].flatMap(({ namespace, exportTo }) => [namespace, ...exportTo]);
  const seen = ({ namespace, exportTo }: Exported, from: string) => isSeen(exportTo, namespace, from);
  return places.some((from) => from !== "." && seen(one, from) && seen(other, from));
}

/** The Service of the stack that a host is, when it is one that is seen from where the host is written. */
export function serviceAt(host: string, namespace: string, objects: Objects): KubernetesObject | undefined {
  const named = serviceOf(host, namespace);
  if (named === undefined) return undefined;
  const [service] = services(objects).at(keyOf(named.namespace, named.name));
  if (service === undefined) return undefined;
  const written = elsewhere(service, () =>
    text(at(service.value, "metadata", "annotations", "networking.istio.io/exportTo")),
  );
  const exportTo = written?.split(",").map((to) => to.trim()) ?? [];
  return isSeen(exportTo, named.namespace, namespace) ? service : undefined;
}

/**
 * Whether calls to a host reach something that the mesh knows; a Service of a namespace that is not the stack's may.
 *
 * @param namespace where the host is written
 */
export function isKnownHost(host: string, namespace: string, objects: Objects): boolean {
  if (serviceAt(host, namespace, objects) !== undefined) return true;
  const service = serviceOf(host, namespace);
  if (service !== undefined) {
    const ours = service.namespace === namespace || objects.named("Namespace", service.namespace) !== undefined;
    if (!ours && objects.inNamespace("Service", service.namespace).length === 0) return true;
  }
  const known = entries(objects)
    .at("")
    .some((entry) => isSeen(entry.exportTo, entry.namespace, namespace) && isOf(entry.host, host));
  if (known) return true;
  services(objects).mustHaveRead(service?.namespace);
  entries(objects).mustHaveRead();
  return false;
}

/** Whether a host is that of a ServiceEntry, or under its pattern. */
const isOf = (pattern: string, host: string): boolean =>
  pattern === host || (pattern.startsWith("*") && host.endsWith(pattern.slice(1)));

/** DestinationRules by the host that they are for. */
export const destinationRules = lookupOf<KubernetesObject>(ofKind(networking, "DestinationRule"), (object) => [
  [hostKey(text(at(object.value, "spec", "host")) ?? "", namespaceOf(object)), object],
]);
