/** Objects that a test puts into the cluster, and takes away again. */
import { kubectl } from "../../../embedded/kubectl.ts";
import { state } from "./context.ts";

const listOf = (items: readonly object[]) => JSON.stringify({ apiVersion: "v1", kind: "List", items });

/** Makes objects, or changes those that are there. */
export const apply = (...items: readonly object[]) => kubectl(state, ["apply", "-f", "-"], listOf(items));

/** Takes objects away, if they are there, and does not wait until they are gone. */
export const remove = (...items: readonly object[]) =>
  kubectl(state, ["delete", "--ignore-not-found", "--wait=false", "-f", "-"], listOf(items));
