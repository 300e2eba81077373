/** The version that calls are led to is one that is defined. */
import { elsewhere } from "../lib/lookup.ts";
import { destinationRules, hostKey } from "../lib/mesh/hosts.ts";
import { destinationsOf, isVirtualService } from "../lib/mesh/mesh.ts";
import { namespaceOf } from "../lib/object.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";
import { at, list, property, text } from "../lib/values.ts";

/** Refuses a destination whose subset no DestinationRule of the stack has. */
export const requireKnownSubsets = defineRule({
  name: "mesh-require-known-subsets",
  severity: "high",
  level: "mandatory",
  title: "Every subset that a VirtualService leads to is one of a DestinationRule for the same host.",
  why: "Calls to a subset that is not defined are answered 503, all of them.",
  fix: "Correct the subset, or add it to the host's DestinationRule.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (!isVirtualService(object)) return;
    yield* each(destinationsOf(object), function* (read) {
      const { path, host, subset } = read();
      if (subset === undefined || subset === "") return;
      const all = destinationRules(objects);
      const found = all.at(hostKey(host, namespaceOf(object)));
      const names = found.flatMap((rule) =>
        elsewhere(rule, () => list(at(rule.value, "spec", "subsets")).map((one) => text(property(one, "name")))),
      );
      if (names.includes(subset)) return;
      all.mustHaveRead();
      const there =
        found.length === 0
          ? `there is no DestinationRule for ${host}`
          : `that for ${host} has ${names.join(", ") || "none"}`;
      const problem = `no DestinationRule defines the subset ${subset}: ${there}`;
      yield { path: `${path}.subset`, problem, fix: "Correct {path}, or add the subset to the DestinationRule." };
    });
  },
});
