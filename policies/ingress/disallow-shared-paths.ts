/** Each address from outside belongs to one namespace. */
import { gatewayApi, parentsOf } from "../lib/ingress/gateways.ts";
import { classOf, hostOf, isIngress, pathsOf, rulesOf } from "../lib/ingress/ingresses.ts";
import { itemsOf } from "../lib/items.ts";
import { isKind, lookupOf } from "../lib/lookup.ts";
import { type KubernetesObject, namespaceOf, titleOf } from "../lib/object.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";
import { at, list, property, text } from "../lib/values.ts";

/** One host and path that an object takes. */
interface Address {
  readonly object: KubernetesObject;
  readonly key: string;
  readonly path: string;
  readonly said: string;
}

const addresses = lookupOf<Address>(
  (objects) => ["Ingress", "HTTPRoute"].flatMap((kind) => objects.ofKind(kind)),
  (object) => addressesOf(object).map((address) => [address.key, address]),
);

/** Refuses an Ingress or a route that takes a host and path that another namespace has. */
export const disallowSharedPaths = defineRule({
  name: "ingress-disallow-shared-paths",
  severity: "high",
  level: "mandatory",
  title: "No two namespaces take the requests of one host and path.",
  why: "Which of them answers is the controller's choice, and the one with the older object wins: a tenant gets another's requests.",
  fix: "Give one of them another host or path.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    yield* each(addressesOf(object), function* ({ key, path, said }) {
      const own = namespaceOf(object);
      const all = addresses(objects).at(key);
      const earlier = all.slice(
        0,
        all.findIndex((one) => one.object === object),
      );
      const other = earlier.find((one) => namespaceOf(one.object) !== own);
      if (other === undefined) return;
      const problem = `${said} is that of ${titleOf(other.object)}, too`;
      yield { path, problem, fix: "Give one of them another host or path, in {path}." };
    });
  },
});

function addressesOf(object: KubernetesObject): readonly Address[] {
  if (isIngress(object)) return ofIngress(object);
  return isKind(object, gatewayApi, "HTTPRoute") ? ofRoute(object) : [];
}

function ofIngress(object: KubernetesObject): readonly Address[] {
  // A canary takes a share of what another Ingress has on purpose.
  if (at(object.value, "metadata", "annotations", "nginx.ingress.kubernetes.io/canary") === "true") return [];
  const where = `Ingress ${classOf(object) ?? ""}`;
  return rulesOf(object).flatMap((rule) => {
    const host = hostOf(rule).toLowerCase();
    return pathsOf(rule).map(({ path, read }) => {
      const taken = (text(property(read(), "path")) ?? "/").replace(/(?<=.)\/$/, "");
      return { object, path: `${path}.path`, said: `${host}${taken}`, key: `${where} ${host} ${taken}` };
    });
  });
}

function ofRoute(object: KubernetesObject): readonly Address[] {
  const hostnames = list(at(object.value, "spec", "hostnames")).map((host) => (text(host) ?? "").toLowerCase());
  const everywhere = [{ path: { type: "PathPrefix", value: "/" } }];
  return parentsOf(object).flatMap((readParent) => {
    const { namespace, name, section, port } = readParent();
    const where = `HTTPRoute ${namespace}/${name} ${section ?? ""} ${String(port ?? "")}`;
    return itemsOf(at(object.value, "spec", "rules"), "spec.rules").flatMap(({ path, read }) => {
      const matches = property(read(), "matches") ?? everywhere;
      return itemsOf(matches, `${path}.matches`).flatMap((match) =>
        (hostnames.length === 0 ? [""] : hostnames).map((host) => {
          const written = match.read();
          const taken = text(at(written, "path", "value")) ?? "/";
          return {
            object,
            path: match.path,
            said: `${host}${taken}`,
            key: `${where} ${host} ${JSON.stringify(written)}`,
          };
        }),
      );
    });
  });
}
