/** The shape of what an account may do, as planners say it. No Pulumi here. */

/** A rule of a Role; a type and not an interface, so that Pulumi's inputs take it. */
export type Rule = Readonly<{
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}>;

/** The rules of one account: for the whole cluster, and for its own namespace. */
export interface Rights {
  readonly cluster: readonly Rule[];
  readonly namespace: readonly Rule[];
}
