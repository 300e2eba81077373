/** The shape of `quintet:tenants`. */
import { z } from "zod";
import { section } from "../problems.ts";
import { parseQuantity } from "../quantity.ts";
import { dnsLabel, network } from "./cluster/facts.ts";
import { keyed } from "./registries.ts";

const quantity = z
  .string()
  .refine((text) => (parseQuantity(text) ?? 0n) > 0n, 'must be a Kubernetes quantity above zero like "2" or "4Gi"');

const size = z
  .string()
  .refine((text) => (parseQuantity(text) ?? -1n) >= 0n, 'must be a Kubernetes quantity like "20Gi", or "0" for none');

const count = z.int("must be a whole number").min(0, "must not be below zero");
const port = z
  .int("must be a port from 1 to 65535")
  .min(1, "must be a port from 1 to 65535")
  .max(65535, "must be a port from 1 to 65535");
const ports = z.array(port).min(1, "names no port, name one or leave the key out for all of them");

const amounts = section({ cpu: quantity, memory: quantity });

/** What a container that says nothing gets. The same for both makes its pod Guaranteed. */
const ofSilentContainer = section({ cpu: quantity.default("100m"), memory: quantity.default("128Mi") }).prefault({});

/** What each namespace of a tenant may take. */
const quota = section({
  /** What all its pods together may be promised. */
  requests: amounts,
  /** What all its pods together may take. */
  limits: amounts,
  pods: count.min(1, "must be at least 1").default(50),
  /** The sum of what its volume claims ask for. */
  storage: size.default("0"),
  /** Services of type LoadBalancer: each is a door to the outside that somebody pays for. */
  loadBalancers: count.default(0),
  /** Ports of Services on every node's own address; a LoadBalancer takes one for each of its ports, too. */
  nodePorts: count.default(0),
});

/** What each container in a namespace of a tenant gets and may take. */
const containers = section({
  /** What a container is promised that does not say. */
  requests: ofSilentContainer,
  /** What a container may take that does not say. */
  limits: ofSilentContainer,
  /** What no container may exceed. @default the limits of the quota */
  max: amounts.optional(),
});

const podSecurity = z.enum(
  ["restricted", "baseline"],
  'must be "restricted" or "baseline": a privileged pod owns its node, and with it what other tenants run there',
);

const group = z
  .string()
  .min(1, "must not be empty")
  .refine((name) => !name.startsWith("system:"), "is a group of Kubernetes itself, name one of your identity provider");
const groups = z
  .array(group)
  .min(1, "names no group, name one or leave the key out")
  .refine((list) => new Set(list).size === list.length, "must not name anything twice")
  .optional();

/** Who may call the pods of a tenant. */
const caller = section({
  /** Every namespace of this tenant; its own name lets its pods call each other. */
  tenant: dnsLabel.optional(),
  /** One namespace, of a tenant or of the platform. */
  namespace: dnsLabel.optional(),
  /** The TCP ports of the pods, as they listen, not as a Service shows them. @default all, of every protocol */
  ports: ports.optional(),
}).refine(
  ({ tenant, namespace }) => (tenant === undefined) !== (namespace === undefined),
  "must name either a tenant or a namespace",
);

/** Where the pods of a tenant may call outside the cluster. */
const destination = section({
  /** The addresses. Pods, Services and the cloud's metadata inside them stay out: tenants are let in by `allow`. */
  cidr: network,
  /** The TCP ports. @default all, of every protocol */
  ports: ports.optional(),
});

const tenantSchema = section({
  /** Its namespaces: the key `web` of the tenant `shop` is the namespace `shop-web`. */
  namespaces: keyed(
    dnsLabel,
    section({
      /** The namespace's own name. @default the tenant's name, "-", and the key */
      name: dnsLabel.optional(),
      /** @default the tenant's */
      podSecurity: podSecurity.optional(),
      /** @default the tenant's; one given here replaces it whole */
      quota: quota.optional(),
      /** @default the tenant's; one given here replaces it whole */
      containers: containers.optional(),
    }),
  ).refine((list) => Object.keys(list).length > 0, "has no namespace, a tenant needs one to be in"),
  /** What each of its namespaces may take. */
  quota,
  containers: containers.prefault({}),
  /** Who from the identity provider may do what in all of its namespaces. */
  groups: section({
    /** Sees everything but Secrets. */
    view: groups,
    /** Runs workloads, and reads Secrets. */
    edit: groups,
    /** Gives others rights in the namespaces, too. */
    admin: groups,
  }).prefault({}),
  podSecurity: podSecurity.default("restricted"),
  /** Puts its pods into the mesh, once there is one. @default outside of it */
  mesh: section({
    /** The revision, or the tag of one, whose proxies its pods get. @default the mesh's default one */
    revision: dnsLabel.optional(),
  }).optional(),
  network: section({
    /** Whether its pods call nobody and are called by nobody, except as it says here. */
    defaultDeny: z.boolean().default(true),
    /** Whether its pods may ask the cluster's DNS. */
    dns: z.boolean().default(true),
    /** Where DNS answers besides the pods of kube-dns, such as a cache on every node: 169.254.20.10/32. */
    dnsAddresses: z.array(network).default([]),
    /** Who may call its pods. A caller that is a tenant's is thereby allowed to call, too. */
    allow: z.array(caller).default([]),
    /** Where its pods may call outside the cluster. */
    egress: z.array(destination).default([]),
  }).prefault({}),
});

/** The shape of `quintet:tenants`: the tenants by name. */
export const tenantsSchema = keyed(dnsLabel, tenantSchema).default({});

/** The tenants by name. */
export type Tenants = z.infer<typeof tenantsSchema>;
/** One tenant. */
export type TenantConfig = Tenants[string];
/** What each namespace of a tenant may take. */
export type Quota = z.infer<typeof quota>;
/** What each container in a namespace of a tenant gets and may take. */
export type Containers = z.infer<typeof containers>;

/** The name of a tenant's namespace. */
export function namespaceName(tenant: string, key: string, { name }: { readonly name?: string | undefined }): string {
  return name ?? `${tenant}-${key}`;
}

/** Every namespace of every tenant: whose it is and its key there, by the order of the configuration. */
export function namespacesOf(tenants: Tenants): { tenant: string; key: string; namespace: string }[] {
  return Object.entries(tenants).flatMap(([tenant, { namespaces }]) =>
    Object.entries(namespaces).map(([key, own]) => ({ tenant, key, namespace: namespaceName(tenant, key, own) })),
  );
}
