/** Services, by namespace and name. */
import { indices } from "./label-problems.ts";
import { elsewhere, groupOf, lookupOf, ownKey } from "./lookup.ts";
import type { KubernetesObject } from "./object.ts";
import { at, property, text } from "./values.ts";

/** Services of the stack by namespace and name. */
export const services = lookupOf<KubernetesObject>(
  (objects) => objects.ofKind("Service"),
  (object) => (groupOf(object) === "" ? [[ownKey(object), object]] : []),
);

/** Whether a Service is only another name for something outside. */
export const isAlias = (service: KubernetesObject): boolean =>
  elsewhere(service, () => at(service.value, "spec", "type")) === "ExternalName";

/** One port of a Service. */
export interface ServicePort {
  readonly path: string;
  readonly name: string | undefined;
  readonly port: number | undefined;
  readonly protocol: string;
  readonly appProtocol: string | undefined;
}

/** The ports of a Service, each read when it is asked for. */
export function portsOf({ value }: KubernetesObject): readonly (() => ServicePort)[] {
  const ports = at(value, "spec", "ports");
  if (!Array.isArray(ports)) return [];
  return indices(ports).map((index) => () => {
    const one = property(ports, index);
    const port = property(one, "port");
    return {
      path: `spec.ports[${String(index)}]`,
      name: text(property(one, "name")),
      port: typeof port === "number" ? port : undefined,
      protocol: text(property(one, "protocol")) ?? "TCP",
      appProtocol: text(property(one, "appProtocol")),
    };
  });
}

/** Whether a Service has a port, by its number or its name; a patch and another name for something outside may. */
export const hasPort = (service: KubernetesObject, port: number | string): boolean =>
  service.patch ||
  isAlias(service) ||
  elsewhere(service, () =>
    portsOf(service).some((read) => read()[typeof port === "number" ? "port" : "name"] === port),
  );
