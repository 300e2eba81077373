/** What the bookstore is, as plain manifests: six instances of podinfo that call each other. No Pulumi here. */
import type { BookstoreConfig, PodinfoConfig } from "./bookstore-schema.ts";
import { lookups } from "./cluster/half.ts";
import type { Edge, Half, NamespaceRules } from "./connectivity-graph.ts";
import { gatewayRef, type PublicService } from "./ingress-plan.ts";
import type { MeshService } from "./mesh-service.ts";
import { labelsOf, planService, podOf, type PodinfoSpec, ports, revisionLabel } from "./podinfo-plan.ts";
import { replicated } from "./workload-plan.ts";

/**
 * Whom each service calls, which is the bookstore's whole call graph; it has no circle. podinfo answers 200 whatever
 * those it calls answer: their failures show in the body, and to the mesh.
 */
export const bookstoreCalls = {
  order: ["customer", "payment", "catalog", "delivery"],
  customer: [],
  payment: ["customer"],
  catalog: ["inventory"],
  delivery: ["inventory"],
  inventory: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** One of the services. */
export type BookstoreService = keyof typeof bookstoreCalls;

/** All of them. */
export const bookstoreServiceNames = Object.keys(bookstoreCalls) as BookstoreService[]; // the literal's own keys

/** The service that the outside calls, and no other does. */
export const bookstoreEntry: BookstoreService = "order";

/** What decides the shape of the bookstore. */
export interface BookstoreSpec extends PodinfoSpec, Pick<PodinfoConfig, "services" | "replicas"> {}

/** The label that tells the versions of a service from each other. */
const versionLabel = (version: string) => ({ "app.kubernetes.io/version": version });

/** Where a service is called so that it calls its own: by its short name, which resolves with the first question. */
const urlOf = (service: BookstoreService) => `http://${service}:${String(ports.service)}/api/echo`;

/** Every manifest of the bookstore, by service and version; namespaces are added by who applies it. */
export function planBookstore(spec: BookstoreSpec) {
  return bookstoreServiceNames.map((name) => ({
    name,
    ...planService(name),
    versions: Object.entries(spec.services[name].versions).map(([version, { replicas = spec.replicas, fault }]) => {
      const labels = { ...labelsOf(name), ...versionLabel(version) };
      const calls = bookstoreCalls[name].map(urlOf);
      const pod = podOf(name, labels, spec, { calls, message: `${name} ${version}`, fault });
      return { version, ...replicated(`${name}-${version}`, labels, replicas, pod, revisionLabel(spec)) };
    }),
  }));
}

/** What the bookstore adds to the connectivity graph. */
export function bookstoreHalf({ namespace, path }: PodinfoConfig, { closed }: NamespaceRules): Half {
  const ref = (service: BookstoreService) => `${namespace}/${service}`;
  const callers = bookstoreServiceNames.filter((service) => bookstoreCalls[service].length > 0);
  return {
    of: "bookstore",
    namespaces: { [namespace]: { closed, meshed: "closed" } },
    workloads: bookstoreServiceNames.map((name) => ({
      namespace,
      name,
      labels: labelsOf(name),
      ports: { http: { port: ports.container } },
      serviceAccount: name,
    })),
    edges: [
      ...callers.flatMap((from) =>
        bookstoreCalls[from].map((to): Edge => {
          const [caller, called] = [ref(from), ref(to)];
          return { from: caller, to: called, port: "http", why: `what ${from} answers holds what ${to} does` };
        }),
      ),
      ...callers.flatMap((from) => lookups(ref(from), "those it calls are resolved")),
      ...(path === undefined
        ? []
        : [{ from: gatewayRef, to: ref(bookstoreEntry), port: "http", why: "what clients order is passed on" }]),
    ],
  };
}

/** The services of the bookstore, for those who route to them. */
export function bookstoreServices(config: BookstoreConfig): MeshService[] {
  if (config.kind === "none") return [];
  return bookstoreServiceNames.map((name) => ({
    namespace: config.namespace,
    name,
    port: ports.service,
    versions: Object.fromEntries(
      Object.keys(config.services[name].versions).map((version) => [version, versionLabel(version)]),
    ),
    leastPods: Math.min(
      ...Object.values(config.services[name].versions).map(({ replicas = config.replicas }) => replicas),
    ),
  }));
}

/** What of it clients reach from outside. */
export function bookstoreRoutes(config: BookstoreConfig): PublicService[] {
  if (config.kind === "none" || config.path === undefined) return [];
  return [{ namespace: config.namespace, service: bookstoreEntry, port: ports.service, path: config.path }];
}
