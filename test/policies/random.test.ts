/** Rules in CEL by themselves and as policies of a cluster, about whatever comes: the end-to-end tests ask a real API server. */
import fc from "fast-check";
import { requireAllowedRegistry } from "../../policies/images/require-allowed-registry.ts";
import { type AdmittedRule, planAdmission } from "../../policies/lib/cel/admission-plan.ts";
import { policyConfigSchema } from "../../policies/lib/config.ts";
import { judge } from "../../policies/lib/judge.ts";
import { groupOf } from "../../policies/lib/lookup.ts";
import { Objects, objectsOfManifest } from "../../policies/lib/object.ts";
import { rules } from "../../policies/packs.ts";
import { anyObjects, resourceOf } from "../lib/any-objects.ts";
import { anyWorkloads } from "../lib/any-workloads.ts";
import { refusals } from "./api-server.ts";

const inCel = rules.filter(({ cel }) => cel !== undefined);
const settings = {
  config: policyConfigSchema.parse({
    rules: { [requireAllowedRegistry.name]: { parameters: { allowed: ["a.b"] } } },
  }),
  today: "2026-11-22",
};
const isAboutWorkloads = ({ matchConstraints }: AdmittedRule["policy"]) =>
  matchConstraints.resourceRules.some(({ resources }) => resources.includes("pods"));
const sample = <T>(of: fc.Arbitrary<T>) => fc.sample(of, { numRuns: 300, seed: 20_261_122 });

test("no rule has an answer to 300 random workloads, and as many other objects, but findings", () => {
  for (const manifest of [...sample(anyWorkloads("shop")), ...sample(anyObjects("shop"))])
    for (const verdict of judge(inCel, new Objects(objectsOfManifest(manifest)), settings)) {
      expect(verdict.undecided).toBe(false);
      expect(verdict.message).not.toMatch(/cannot be judged|The rule itself fails/);
    }
});

test("each says the same in the cluster of 300 random objects that are no workloads", () => {
  const plan = planAdmission(inCel, settings.config, {});
  const refused = new Set<string>();
  for (const manifest of sample(anyObjects("shop"))) {
    const verdicts = judge(inCel, new Objects(objectsOfManifest(manifest)), settings);
    const about = plan.filter(({ policy }) =>
      policy.matchConstraints.resourceRules.some(
        ({ apiGroups, resources }) =>
          apiGroups.includes(groupOf(manifest)) && resources.includes(resourceOf(manifest.kind)),
      ),
    );
    for (const { name, policy } of about) {
      const ours = verdicts.filter(({ rule }) => rule === name).map(({ message }) => message);
      const theirs = refusals(policy, { object: manifest, namespace: "shop" }) ?? [];
      expect([name, theirs.length > 0, ours]).toEqual([name, ours.length > 0, expect.arrayContaining(theirs)]);
      if (theirs.length > 0) refused.add(name);
    }
  }
  expect([...refused].sort()).toEqual(
    plan
      .filter(({ policy }) => !isAboutWorkloads(policy))
      .map(({ name }) => name)
      .sort(),
  );
});
