/** What a Service of the mesh is to those who route to it. */
import type { Labels } from "./network-policy.ts";

/** A Service whose pods have sidecars, as the traffic configuration and rollouts name it. */
export interface MeshService {
  readonly namespace: string;
  readonly name: string;
  /** The port of the Service, which speaks HTTP. */
  readonly port: number;
  /** The labels that tell the pods of each version from those of the others; one version is enough. */
  readonly versions: Readonly<Record<string, Labels>>;
  /** How few pods each version may have. @default not known, and nothing is held against it */
  readonly leastPods?: number;
  /** Whether nobody but the gateway calls it, which goes by its own routes. @default false */
  readonly gatewayOnly?: boolean;
}

/** How configuration writes a Service of the mesh. */
export const serviceRef = ({ namespace, name }: Pick<MeshService, "namespace" | "name">): string =>
  `${namespace}/${name}`;
