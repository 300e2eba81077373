/** Pods do not take a node's credentials from its metadata service. */
import { awsType, notCel } from "../lib/aws/values.ts";
import type { KubernetesObject } from "../lib/object.ts";
import { defineRule, each, noParameters, type Repair } from "../lib/rule.ts";
import { at, isAbsent } from "../lib/values.ts";

/** What the metadata service of a machine has to be, and what happens otherwise. */
const expected = [
  {
    path: "metadataOptions.httpTokens",
    property: "httpTokens",
    wanted: "required",
    problem:
      "it answers metadata requests without a session, so a pod that can be made to fetch a URL gives its credentials away",
  },
  {
    path: "metadataOptions.httpPutResponseHopLimit",
    property: "httpPutResponseHopLimit",
    wanted: 1,
    problem: "its metadata reach further than itself, so pods get the node's role",
  },
] as const;

/** The metadata service's settings; `undefined` for what is no machine, or has no such service. */
function settingsOf(object: KubernetesObject): { readonly options: unknown } | undefined {
  if (!["ec2:LaunchTemplate", "ec2:Instance"].includes(awsType(object))) return undefined;
  const options = at(object.value, "metadataOptions");
  return at(options, "httpEndpoint") === "disabled" ? undefined : { options };
}

/**
 * Refuses machines whose metadata service answers without a session (version 1), or to more than one network hop, which
 * is how a pod that is not on the node's own network would ask.
 */
export const requireImdsv2 = defineRule({
  name: "aws-require-imdsv2",
  severity: "high",
  level: "mandatory",
  title: "Machines answer metadata requests of version 2 only, and to themselves only.",
  why: "A pod that can be made to fetch a URL otherwise gives away its node's credentials.",
  fix: "Set metadataOptions.httpTokens to required and metadataOptions.httpPutResponseHopLimit to 1.",
  sees: "object",
  notCel,
  parameters: noParameters,
  remedy: {
    text: "Adds `metadataOptions.httpTokens: required` and a hop limit of 1 to launch templates and instances that do not say them",
    kinds: ["LaunchTemplate", "Instance"],
    *repairs(object: KubernetesObject): Iterable<Repair> {
      const settings = settingsOf(object);
      if (settings === undefined) return;
      for (const { path, property, wanted } of expected)
        if (isAbsent(at(settings.options, property))) yield { path, value: wanted };
    },
  },
  *check(object) {
    if (awsType(object) === "ec2:LaunchConfiguration")
      yield {
        path: "",
        problem: "a launch configuration cannot say all that a node needs",
        fix: "Use an aws.ec2.LaunchTemplate.",
      };
    const settings = settingsOf(object);
    if (settings === undefined) return;
    yield* each(expected, function* ({ path, property, wanted, problem }) {
      if (at(settings.options, property) !== wanted) yield { path, problem, fix: `Set {path} to ${String(wanted)}.` };
    });
  },
});
