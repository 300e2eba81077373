/** What is read of a cluster before an upgrade, each object as far as it is read. */
import type { Certificate } from "./certificates.ts";

/** A PodDisruptionBudget, as far as it is read here (policy/v1). */
export interface Budget {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly status?: {
    readonly disruptionsAllowed: number;
    readonly currentHealthy: number;
    readonly expectedPods: number;
  };
}

/** A CustomResourceDefinition, as far as it is read here (apiextensions.k8s.io/v1). */
export interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly versions: readonly { readonly name: string; readonly served: boolean }[] };
  readonly status?: { readonly storedVersions?: readonly string[] };
}

/** A webhook that the API server calls before it accepts an object. */
export interface Hook {
  /** As `ValidatingWebhookConfiguration/cert-manager-webhook`. */
  readonly configuration: string;
  readonly name: string;
  readonly failurePolicy: string;
  /** As `namespace/name`; undefined where it is called by a URL. */
  readonly service: string | undefined;
}

/** A pod, as far as it is read here (core/v1). */
export interface Pod {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly object[];
  };
  readonly status: { readonly phase?: string };
}

/** All that was seen. */
export interface Facts {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly notReady: readonly string[];
  /** Control-plane nodes whose member of etcd is not healthy, and whose API server does not answer. */
  readonly etcd: readonly string[];
  readonly apis: readonly string[];
  /** Lines of `apiserver_requested_deprecated_apis`, of all API servers. */
  readonly metrics: string;
  readonly definitions: readonly Definition[];
  readonly budgets: readonly Budget[];
  readonly hooks: readonly Hook[];
  /** How many ready endpoints a Service has, by `namespace/name`. */
  readonly endpoints: Readonly<Record<string, number>>;
  readonly pods: readonly Pod[];
  readonly certificates: readonly Certificate[];
  /** In the folder that all nodes' files are in. */
  readonly freeBytes: number;
}
