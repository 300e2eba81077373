/** Every object is of a version that the cluster serves. */
import { z } from "zod";
import { minorOf } from "../../components/cluster/facts.ts";
import { versions } from "../../versions.ts";
import { removalOf } from "../lib/objects/removed-versions.ts";
import { defineRule } from "../lib/rule.ts";

/** Refuses objects in a version that the release does not serve any more. */
export const disallowRemovedVersions = defineRule({
  name: "objects-disallow-removed-versions",
  severity: "high",
  level: "mandatory",
  title: "Every object is of an API version that the cluster's release still serves.",
  why: "The API server knows no such kind and refuses it: an update ends half-way, and after an upgrade nobody can change what is there.",
  fix: "Write the object in the version that is named, whose fields may differ.",
  sees: "object",
  notCel: "the API server refuses such an object before it asks anybody",
  parameters: z
    .strictObject({
      /** The minor release of the cluster, as in "1.36"; that of the platform's own clusters unless it is set. */
      kubernetes: z
        .string()
        .regex(/^1\.\d+$/, 'must be a minor release, like "1.36"')
        .default(minorOf(versions.kubernetes)),
    })
    .prefault({}),
  *check({ apiVersion, kind }, { parameters: { kubernetes } }) {
    const removal = removalOf(apiVersion, kind, kubernetes);
    if (removal === undefined) return;
    const { removed, instead } = removal;
    const fix =
      instead === undefined
        ? "Nothing has taken its place: remove it."
        : `Write {path} as ${instead}; its fields may have changed with it.`;
    yield {
      path: "apiVersion",
      problem: `Kubernetes ${removed} and later do not serve a ${kind} of ${apiVersion}`,
      fix,
    };
  },
});
