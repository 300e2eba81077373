/** How many pods stand behind Services, by the EndpointSlices of a cluster (discovery.k8s.io/v1). */

/** What of an EndpointSlice is read. */
export interface Slice {
  readonly metadata: {
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  };
  readonly endpoints?: readonly Endpoint[] | null | undefined;
}

interface Endpoint {
  readonly conditions?: { readonly ready?: boolean | undefined } | undefined;
}

/** How many ready endpoints each Service has, by `namespace/name`; who does not say that he is not ready is. */
export function readyEndpoints(slices: readonly Slice[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { metadata, endpoints } of slices) {
    const service = `${metadata.namespace}/${metadata.labels?.["kubernetes.io/service-name"] ?? ""}`;
    const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
    counts[service] = (counts[service] ?? 0) + ready.length;
  }
  return counts;
}
