/** The pods of a live cluster, as far as tests ask from them and call them. */
import { kubectl } from "../../embedded/kubectl.ts";
import type { ClusterState } from "../../embedded/state.ts";
import { networkOf, type Place } from "./inside.ts";

/** A pod with an address. */
export interface LivePod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly node: string;
  readonly address: string;
  /** Whether it has its node's network and no address of its own. */
  readonly hostNetwork: boolean;
  readonly place: () => Place;
}

/** The part of a Pod that is read here (Kubernetes API, core/v1). */
interface PodObject {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string; readonly hostNetwork?: boolean };
  readonly status: {
    readonly podIP?: string;
    readonly containerStatuses?: readonly { readonly containerID?: string }[];
  };
}

/** The pods that run, and are not about to end. @param args which, as kubectl's: every one by default */
export async function livePods(state: ClusterState, ...args: string[]): Promise<LivePod[]> {
  const which = args.length === 0 ? ["-A"] : args;
  const running = ["--field-selector", "status.phase=Running"];
  const { items } = JSON.parse(await kubectl(state, ["get", "pods", ...which, ...running, "-o", "json"])) as {
    items: PodObject[];
  }; // kubectl's List
  return items.flatMap(({ metadata, spec, status }): LivePod[] => {
    const container = status.containerStatuses?.find(({ containerID }) => containerID !== undefined)?.containerID;
    if (metadata.deletionTimestamp !== undefined || container === undefined || status.podIP === undefined) return [];
    return [
      {
        namespace: metadata.namespace,
        name: metadata.name,
        labels: metadata.labels ?? {},
        node: spec.nodeName ?? "",
        address: status.podIP,
        hostNetwork: spec.hostNetwork ?? false,
        place: () => networkOf(container),
      },
    ];
  });
}
