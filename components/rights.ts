/** The shape of what an account may do, as planners say it. No Pulumi here. */

/** A rule of a Role; a type and not an interface, so that Pulumi's inputs take it. */
export type Rule = Readonly<{
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}>;

/** A rule of a ClusterRole on paths of the API server that are no objects. */
export type PathRule = Readonly<{ nonResourceURLs: string[]; verbs: string[] }>;

/** The rules of one account: for the whole cluster, and for its own namespace. */
export interface Rights {
  readonly cluster: readonly Rule[];
  readonly namespace: readonly Rule[];
  /** For the whole cluster, too. @default none */
  readonly paths?: readonly PathRule[];
}
