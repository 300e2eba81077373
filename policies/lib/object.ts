/** Kubernetes objects, and what is made in AWS, in the one form that rules judge, whatever they come from: the engine, its state, or a file. */
import { guarded, ifKnown } from "./unknown.ts";
import { at, property, text } from "./values.ts";

/** One object. */
export interface KubernetesObject {
  /** As in "apps/v1"; "v1" for the core group; "aws" for a resource of AWS. */
  readonly apiVersion: string;
  /** Without `Patch` or `List`; of a resource of AWS with its module: "ec2:LaunchTemplate". */
  readonly kind: string;
  /** `undefined` when it says none, or none that is known yet. */
  readonly namespace: string | undefined;
  /** Its own name, the start of a name that the server ends, or who names it. */
  readonly name: string;
  /** Whether it is a patch, which need not say everything. */
  readonly patch: boolean;
  /** What stands before every path in it: "" or, in a list, "items[2].". */
  readonly prefix: string;
  /** All of it; reading what is not known throws UnknownValue. */
  readonly value: unknown;
  /** Where it was read; what reads it says what that means. */
  readonly source?: Source;
}

/** Where an object was read. */
export interface Source {
  /** The file, as it was named. */
  readonly file?: string;
  /** The resource's URN in the engine. */
  readonly urn?: string;
  /** The URNs that each property's value comes from, where that is known. */
  readonly uses?: Readonly<Record<string, readonly string[]>>;
  /** The line of a path in the object, counted from 1. */
  readonly lineOf?: (path: string) => number;
}

/**
 * Kinds of which rules look at the head alone, and whose rest is long: definitions of further kinds, and the API server's
 * own rules. Whoever reads them need not read more.
 */
const headOnly = new Set(["CustomResourceDefinition", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]);
const head = ["apiVersion", "kind", "metadata"];

/** The properties of objects of a kind that rules look at; `undefined` for all of them. */
export const lookedAt = (kind: string): readonly string[] | undefined => (headOnly.has(kind) ? head : undefined);

/** "Deployment shop/web", as messages name an object. */
export const titleOf = ({ kind, namespace, name }: Pick<KubernetesObject, "kind" | "namespace" | "name">): string =>
  `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;

/** The namespace that an object is in, which is "default" where it says none; throws UnknownValue before it is known. */
export const namespaceOf = ({ value }: Pick<KubernetesObject, "value">): string =>
  text(at(value, "metadata", "namespace")) ?? "default";

/**
 * The objects of a resource: none when it is neither of Kubernetes nor of AWS, several for a list.
 *
 * @param type the Pulumi type, like "kubernetes:apps/v1:Deployment"
 * @param props its inputs, with the engine's marks for what is not known yet
 */
export function objectsOfResource(type: string, props: unknown, source?: Source): KubernetesObject[] {
  const match = /^kubernetes:([^:]+):(\w+)$/.exec(type);
  if (match === null) return awsObjectsOf(type, props, source);
  const [, group = "", named = ""] = match;
  const kind = named.replace(/(?<=\w)Patch$/, "");
  return objectsOf({ apiVersion: group.replace(/^core\//, ""), kind, patch: kind !== named }, props, source);
}

/** A resource of AWS goes by the name that the program gives it. */
function awsObjectsOf(type: string, props: unknown, source: Source | undefined): KubernetesObject[] {
  const [, module, named] = /^aws:(\w+)\/\w+:(\w+)$/.exec(type) ?? [];
  if (module === undefined || named === undefined) return [];
  const name = source?.urn?.split("::").at(-1) ?? "(named by Pulumi)";
  const shared = {
    apiVersion: "aws",
    kind: `${module}:${named}`,
    namespace: undefined,
    name,
    patch: false,
    prefix: "",
  };
  return [{ ...shared, value: guarded(props), ...(source === undefined ? {} : { source }) }];
}

/**
 * The objects of a manifest: none of what is no object, several of a list.
 *
 * @param manifest one document of a file
 */
export function objectsOfManifest(manifest: unknown, source?: Source): KubernetesObject[] {
  const value = guarded(manifest);
  const kind = text(property(value, "kind"));
  if (kind === undefined) return [];
  return objectsOf({ apiVersion: text(property(value, "apiVersion")) ?? "", kind, patch: false }, manifest, source);
}

function objectsOf(
  { apiVersion, kind, patch }: Pick<KubernetesObject, "apiVersion" | "kind" | "patch">,
  raw: unknown,
  source: Source | undefined,
  prefix = "",
): KubernetesObject[] {
  const items = kind.endsWith("List") ? property(raw, "items") : undefined;
  if (Array.isArray(items)) {
    return items.flatMap((item: unknown, index) => {
      const own = {
        apiVersion: text(property(item, "apiVersion")) ?? apiVersion,
        kind: text(property(item, "kind")) ?? kind.replace(/List$/, ""),
        patch,
      };
      return objectsOf(own, item, source, `${prefix}items[${String(index)}].`);
    });
  }
  if (kind === "") return []; // in a List, where each says its own
  const value = guarded(raw);
  const metadata = (key: string) => ifKnown(() => text(at(value, "metadata", key)));
  const name = metadata("name") ?? metadata("generateName") ?? "(named by Pulumi)";
  const shared = { apiVersion, kind, namespace: metadata("namespace"), name, patch, prefix, value };
  return [source === undefined ? shared : { ...shared, source }];
}

/** Objects that are judged together, found by what rules ask for. */
export class Objects {
  readonly all: readonly KubernetesObject[];
  private readonly byKind: ReadonlyMap<string, readonly KubernetesObject[]>;
  private readonly byPlace: ReadonlyMap<string, readonly KubernetesObject[]>;
  private readonly byName: ReadonlyMap<string, KubernetesObject>;

  constructor(all: readonly KubernetesObject[]) {
    this.all = all;
    this.byKind = Map.groupBy(all, ({ kind }) => kind);
    this.byPlace = Map.groupBy(all, (object) => `${object.kind} ${ifKnown(() => namespaceOf(object)) ?? ""}`);
    // Of several with one name the first is kept.
    const named = all.filter(({ patch }) => !patch).toReversed();
    this.byName = new Map(named.map((object) => [`${object.kind} ${object.name}`, object]));
  }

  /** Those of a kind, patches among them. */
  ofKind(kind: string): readonly KubernetesObject[] {
    return this.byKind.get(kind) ?? [];
  }

  /** Those of a kind in a namespace. */
  inNamespace(kind: string, namespace: string): readonly KubernetesObject[] {
    return this.byPlace.get(`${kind} ${namespace}`) ?? [];
  }

  /** The one with a name; for what is in no namespace. */
  named(kind: string, name: string): KubernetesObject | undefined {
    return this.byName.get(`${kind} ${name}`);
  }
}
