/** Services, by namespace and name. */
import { itemsOf } from "./items.ts";
import { byName, elsewhere } from "./lookup.ts";
import type { KubernetesObject } from "./object.ts";
import { at, numberOf, property, text } from "./values.ts";

/** Services of the stack by namespace and name. */
export const services = byName("", "Service");

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
export const portsOf = ({ value }: KubernetesObject): readonly (() => ServicePort)[] =>
  itemsOf(at(value, "spec", "ports"), "spec.ports").map(({ path, read }) => () => {
    const one = read();
    return {
      path,
      name: text(property(one, "name")),
      port: numberOf(property(one, "port")),
      protocol: text(property(one, "protocol")) ?? "TCP",
      appProtocol: text(property(one, "appProtocol")),
    };
  });

/** Whether a Service has a port, by its number or its name; a patch and another name for something outside may. */
export const hasPort = (service: KubernetesObject, port: number | string): boolean =>
  service.patch ||
  isAlias(service) ||
  elsewhere(service, () =>
    portsOf(service).some((read) => read()[typeof port === "number" ? "port" : "name"] === port),
  );
