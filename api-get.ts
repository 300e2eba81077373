/** The one thing that every reader of a live cluster is given. */

/** Answers a path of the API server, as `kubectl get --raw` does. */
export type Get = (path: string) => Promise<string>;
