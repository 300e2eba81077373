/** The NetworkPolicies of a stack with the pods that they are about, as components/network-policy.ts reads them. */
import {
  directionsOf,
  type Labels,
  type LabelSelector,
  type Pod,
  selects,
} from "../../../components/network-policy.ts";
import { labelsOf } from "../labels/selector.ts";
import { type KubernetesObject, type Objects, titleOf } from "../object.ts";
import { UnknownValue } from "../unknown.ts";
import { at } from "../values.ts";
import { podsOf, policiesOf, type ReadPods, type ReadPolicy } from "./reading.ts";

/** A way that calls take from where a policy's pods are. */
export type Direction = "Ingress" | "Egress";

/** Both of them. */
export const directions = ["Ingress", "Egress"] as const;

/** Something that could not be read, of a namespace that may not be known either. */
interface Unread {
  readonly kind: "policy" | "pods" | "namespace";
  readonly namespace: string | undefined;
  readonly error: UnknownValue;
}

/** What a stack says of its network. */
export interface Network {
  readonly policies: readonly ReadPolicy[];
  readonly pods: readonly ReadPods[];
  readonly policiesIn: ReadonlyMap<string, readonly ReadPolicy[]>;
  /** Without those in their node's own network, whom no policy binds or sees. */
  readonly podsIn: ReadonlyMap<string, readonly ReadPods[]>;
  /** The labels of namespaces that are in the stack. */
  readonly namespaces: Readonly<Record<string, Labels>>;
  readonly unread: readonly Unread[];
}

const remembered = new WeakMap<Objects, Network>();

/** Reads the network out of objects, once. */
export function networkOf(objects: Objects): Network {
  const known = remembered.get(objects);
  if (known !== undefined) return known;
  const unread: Unread[] = [];
  const read = <T>(
    kind: Unread["kind"],
    all: readonly KubernetesObject[],
    of: (object: KubernetesObject) => T[],
  ): T[] =>
    all.flatMap((object) => {
      try {
        return of(object);
      } catch (error) {
        if (!(error instanceof UnknownValue)) throw error;
        const path = `${error.path} of ${titleOf(object)}`;
        unread.push({ kind, namespace: object.namespace, error: new UnknownValue(path, error.reason) });
        return [];
      }
    });
  const policies = read("policy", objects.ofKind("NetworkPolicy"), policiesOf);
  const pods = read("pods", objects.all, podsOf);
  const network: Network = {
    policies,
    pods,
    policiesIn: Map.groupBy(policies, ({ namespace }) => namespace),
    podsIn: Map.groupBy(
      pods.filter(({ hostNetwork }) => hostNetwork !== true),
      ({ namespace }) => namespace,
    ),
    namespaces: Object.fromEntries(
      read("namespace", objects.ofKind("Namespace"), (object) =>
        object.patch ? [] : [[object.name, labelsOf(at(object.value, "metadata", "labels"))] as const],
      ),
    ),
    unread,
  };
  remembered.set(objects, network);
  return network;
}

/** The policies that bind pods in a direction; none binds those in their node's own network. */
export const bindingOf = ({ policiesIn }: Network, pod: Pod, direction: Direction): readonly ReadPolicy[] =>
  pod.hostNetwork === true
    ? []
    : (policiesIn.get(pod.namespace) ?? []).filter(
        ({ spec }) => directionsOf(spec).includes(direction) && selects(spec.podSelector, pod.labels),
      );

/** Whether a selector picks whatever there is. */
export const selectsAll = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean =>
  Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;

/**
 * Throws for what could not be read and might change an answer: who asks has found something missing.
 *
 * @param kinds what would have to be there
 * @param namespace where; any when it is left out
 */
export function mustHaveRead({ unread }: Network, kinds: readonly Unread["kind"][], namespace?: string): void {
  for (const one of unread) {
    const may = namespace === undefined || one.namespace === undefined || one.namespace === namespace;
    if (may && kinds.includes(one.kind)) throw one.error;
  }
}
