/** What roles allow, and to whom they are bound (rbac.authorization.k8s.io). */
import { type Item, itemsOf } from "../items.ts";
import { byName, isKind, keyOf, lookupOf, nameOf, ofKind, ownKey } from "../lookup.ts";
import { type KubernetesObject, namespaceOf, type Objects } from "../object.ts";
import { at, indices, isAbsent, list, property, text } from "../values.ts";

/** The API group of roles and bindings. */
export const rbac = "rbac.authorization.k8s.io";

/** One rule of a role, with where it is written. */
export interface RightsRule {
  readonly path: string;
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Whether it is for objects of some names alone. */
  readonly named: boolean;
}

/** Whether an object is a role that somebody wrote: what Kubernetes brings itself, and restores, is marked so. */
export const isRole = (object: KubernetesObject): boolean =>
  isKind(object, rbac, "Role", "ClusterRole") && !isBuiltIn(object);

/** Whether an object is a binding that somebody wrote. */
export const isBinding = (object: KubernetesObject): boolean =>
  isKind(object, rbac, "RoleBinding", "ClusterRoleBinding") && !isBuiltIn(object);

const isBuiltIn = ({ name, value }: KubernetesObject): boolean =>
  (builtInRoles.has(name) || name.startsWith("system:")) &&
  at(value, "metadata", "labels", "kubernetes.io/bootstrapping") === "rbac-defaults";

/** The ClusterRoles that every cluster has, beside those that start with `system:`. */
export const builtInRoles: ReadonlySet<string> = new Set(["cluster-admin", "admin", "edit", "view"]);

/**
 * The rules of a role, each read when it is asked for; none of one that is put together from others, whose own are
 * overwritten.
 */
export function rulesOf({ value }: KubernetesObject): readonly (() => RightsRule)[] {
  if (!isAbsent(property(value, "aggregationRule"))) return [];
  return itemsOf(property(value, "rules"), "rules").map((item) => () => ruleOf(item));
}

const ruleOf = ({ path, read }: Item): RightsRule => {
  const rule = read();
  // By index, since a list with what is not known yet can be counted, but not walked through.
  const texts = (key: string) => {
    const all = list(property(rule, key));
    return indices(all).map((index) => wordAt(all, index));
  };
  return {
    path,
    groups: texts("apiGroups"),
    resources: texts("resources"),
    verbs: texts("verbs"),
    named: texts("resourceNames").length > 0,
  };
};

/** A word that the API server asks for; "" where it is missing, which means nobody and nothing. */
const wordAt = (value: unknown, key: string | number): string => text(property(value, key)) ?? "";

/** The words of a list that are some of those wanted, or stand for all. */
export const among = (all: readonly string[], wanted: readonly string[]): readonly string[] =>
  all.filter((one) => wanted.includes(one) || one === "*");

/**
 * Whether a word for resources means one, which may be part of others: by its name, as that part of every resource, or
 * as everything there is (k8s.io/component-helpers/auth/rbac/validation, ResourceMatches).
 */
export const isResource = (word: string, resource: string): boolean =>
  word === "*" || word === resource || (resource.includes("/") && word === `*${resource.slice(resource.indexOf("/"))}`);

/** What may be done to objects, but for what takes further rights. */
const usual = ["get", "list", "watch", "create", "update", "patch", "delete"];

/** Whether verbs are all that there are, or come to as much. */
export const isEverything = (verbs: readonly string[]): boolean =>
  verbs.includes("*") || usual.every((verb) => verbs.includes(verb));

/** Words in a sentence: `get, list and watch`. */
export const listed = (words: readonly string[]): string =>
  new Intl.ListFormat("en").format(words).replace(", and", " and");

/** What a binding binds to. */
export interface RoleRef {
  readonly kind: string;
  readonly name: string;
}

/** The role that a binding names. */
export function roleRefOf({ value }: KubernetesObject): RoleRef {
  const role = property(value, "roleRef");
  return { kind: wordAt(role, "kind"), name: wordAt(role, "name") };
}

/** Someone whom a binding gives a role. */
export interface Subject {
  readonly path: string;
  readonly kind: string;
  readonly name: string;
  /** Of a ServiceAccount. */
  readonly namespace: string;
}

/** The subjects of a binding, each read when it is asked for. */
export const subjectsOf = ({ value }: KubernetesObject): readonly (() => Subject)[] =>
  itemsOf(property(value, "subjects"), "subjects").map(({ path, read }) => () => {
    const subject = read();
    const namespace = text(property(subject, "namespace")) ?? namespaceOf({ value });
    return { path, kind: wordAt(subject, "kind"), name: wordAt(subject, "name"), namespace };
  });

/** What binds a role, by the role's kind and name: a patch of it as well, since what it changes is there. */
const bindings = lookupOf<KubernetesObject>(ofKind(rbac, "ClusterRoleBinding", "RoleBinding"), (object) => {
  const { kind, name } = roleRefOf(object);
  return [[keyOf(kind, name), object]];
});

/**
 * Whether a role gives rights in the whole cluster: a ClusterRole does, unless the stack binds it in single namespaces
 * alone.
 */
export function isClusterWide(object: KubernetesObject, objects: Objects): boolean {
  if (object.kind !== "ClusterRole") return false;
  const bound = bindings(objects).at(keyOf("ClusterRole", nameOf(object)));
  if (bound.length === 0 || bound.some(({ kind }) => kind === "ClusterRoleBinding")) return true;
  bindings(objects).mustHaveRead();
  return false;
}

/** The roles of a stack: ClusterRoles by their names, Roles by namespace and name. */
export const roles = lookupOf<KubernetesObject>(ofKind(rbac, "ClusterRole", "Role"), (object) => [
  [object.kind === "Role" ? ownKey(object) : nameOf(object), object],
]);

/** ServiceAccounts by namespace and name. */
export const serviceAccounts = byName("", "ServiceAccount");
