/** Finds objects by what others say of them: each is read once for all who ask, and what cannot be read is not forgotten. */
import { type KubernetesObject, namespaceOf, type Objects, titleOf } from "./object.ts";
import { UnknownValue } from "./unknown.ts";
import { at, text } from "./values.ts";

/** Something that could not be read, of a namespace that may not be known either. */
interface Unread {
  readonly namespace: string | undefined;
  readonly error: UnknownValue;
}

/** What objects say, by a key. */
export class Lookup<T> {
  private readonly found: ReadonlyMap<string, readonly T[]>;
  private readonly unread: readonly Unread[];

  constructor(found: ReadonlyMap<string, readonly T[]>, unread: readonly Unread[]) {
    this.found = found;
    this.unread = unread;
  }

  /** What is there under a key. */
  at(key: string): readonly T[] {
    return this.found.get(key) ?? [];
  }

  /** Whether nothing was found under any key. */
  get isEmpty(): boolean {
    return this.found.size === 0 && this.unread.length === 0;
  }

  /** Everything that was found. */
  get all(): readonly T[] {
    return [...this.found.values()].flat();
  }

  /**
   * Throws for what could not be read and might be what is missing: whoever asks has found nothing.
   *
   * @param namespace where it would have to be; any when it is left out
   */
  mustHaveRead(namespace?: string): void {
    const one = this.unread.find(
      (unread) => namespace === undefined || unread.namespace === undefined || unread.namespace === namespace,
    );
    if (one !== undefined) throw one.error;
  }
}

/**
 * Makes a lookup, which is built once for each set of objects.
 *
 * @param of picks the objects
 * @param read what one of them says, with its keys
 */
export function lookupOf<T>(
  of: (objects: Objects) => readonly KubernetesObject[],
  read: (object: KubernetesObject) => Iterable<readonly [key: string, value: T]>,
): (objects: Objects) => Lookup<T> {
  const remembered = new WeakMap<Objects, Lookup<T>>();
  return (objects) => {
    const known = remembered.get(objects);
    if (known !== undefined) return known;
    const [found, unread] = [new Map<string, T[]>(), [] as Unread[]];
    for (const object of of(objects)) {
      try {
        for (const [key, value] of elsewhere(object, () => [...read(object)])) {
          const own = found.get(key);
          if (own === undefined) found.set(key, [value]);
          else own.push(value);
        }
      } catch (error) {
        if (!(error instanceof UnknownValue)) throw error;
        unread.push({ namespace: object.namespace, error });
      }
    }
    const lookup = new Lookup(found, unread);
    remembered.set(objects, lookup);
    return lookup;
  };
}

/** Reads another object than the one that is judged: what is not known of it names that other one. */
export function elsewhere<T>(object: KubernetesObject, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UnknownValue)) throw error;
    throw new UnknownValue(`${error.path} of ${titleOf(object)}`, error.reason);
  }
}

/** Picks objects of some kinds of one API group: other groups have kinds of the same name. */
export const ofKind =
  (group: string, ...kinds: readonly string[]) =>
  (objects: Objects): readonly KubernetesObject[] =>
    kinds.flatMap((kind) => objects.ofKind(kind)).filter((object) => groupOf(object) === group);

/** Objects of a kind by namespace and name, those that only patch one among them. */
export const byName = (group: string, kind: string): ((objects: Objects) => Lookup<KubernetesObject>) =>
  lookupOf<KubernetesObject>(ofKind(group, kind), (object) => [[ownKey(object), object]]);

/** Whether an object is of a kind, patches of it left out: they need not say everything. */
export const isKind = (object: KubernetesObject, group: string, ...kinds: readonly string[]): boolean =>
  !object.patch && kinds.includes(object.kind) && groupOf(object) === group;

/** The API group of an object; "" for the core group. */
export const groupOf = ({ apiVersion }: Pick<KubernetesObject, "apiVersion">): string => {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
};

/** The name of an object; throws UnknownValue before it is known. */
export const nameOf = (object: KubernetesObject): string => text(at(object.value, "metadata", "name")) ?? object.name;

/** The key of a name in a namespace. */
export const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

/** The key of an object by its own namespace and name; throws UnknownValue before they are known. */
export const ownKey = (object: KubernetesObject): string => keyOf(namespaceOf(object), nameOf(object));

/** Whether another object keeps this one, as a Deployment its ReplicaSets, and is the one to judge. */
export const isOwned = ({ value }: KubernetesObject): boolean =>
  Array.isArray(at(value, "metadata", "ownerReferences"));
