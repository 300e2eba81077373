import { planAdmission } from "../../../../policies/lib/cel/admission-plan.ts";
import { networkPolicies } from "../../../../policies/lib/cel/kinds.ts";
import { egress, ingress, lists } from "../../../../policies/lib/cel/peers.ts";
import { celRule } from "../../../../policies/lib/cel/rule.ts";
import { policyConfigSchema } from "../../../../policies/lib/config.ts";
import { noParameters } from "../../../../policies/lib/rule.ts";
import { refusals } from "../../api-server.ts";
import { closed } from "../../network-policies.ts";
import { saidOf } from "../../workloads.ts";

/** Tells every peer of a direction. */
const telling = celRule({
  name: "pack-disallow-peers",
  severity: "low",
  level: "mandatory",
  title: "t.",
  why: "w.",
  fix: "f.",
  parameters: noParameters,
  about: networkPolicies,
  cel: () => ({
    lists,
    checks: [ingress, egress].map(({ each, binds, keys, path, keyPath }) => ({
      each,
      where: binds,
      keys,
      valid: "false",
      path: keyPath,
      problem: `one of ${path}`,
      fix: "Remove {path}.",
    })),
  }),
});

const [one] = planAdmission([telling], policyConfigSchema.parse({}), {});
const peers = [{ podSelector: {} }, { namespaceSelector: {} }];
const told = (place: string, list: string, index: number) =>
  `one of ${place}.${list}. Remove ${place}.${list}[${String(index)}].`;

test.each<[string, object, string[]]>([
  ["none without rules", {}, []],
  ["none of a rule without them", { ingress: [{}], egress: [{ ports: [] }] }, []],
  [
    "each of a rule",
    { ingress: [{ from: peers }] },
    [told("spec.ingress[0]", "from", 0), told("spec.ingress[0]", "from", 1)],
  ],
  [
    "those of both directions",
    { ingress: [{}, { from: peers.slice(1) }], egress: [{ to: peers.slice(1) }] },
    [told("spec.ingress[1]", "from", 0), told("spec.egress[0]", "to", 0)],
  ],
  [
    "those of both where none is named",
    { policyTypes: [], ingress: [{ from: peers.slice(1) }], egress: [{ to: peers.slice(1) }] },
    [told("spec.ingress[0]", "from", 0), told("spec.egress[0]", "to", 0)],
  ],
  [
    "those of a direction that is named",
    { policyTypes: ["Egress"], ingress: [{ from: peers }], egress: [{ to: peers.slice(1) }] },
    [told("spec.egress[0]", "to", 0)],
  ],
  [
    "those of the other one",
    { policyTypes: ["Ingress"], ingress: [{ from: peers.slice(1) }], egress: [{ to: peers }] },
    [told("spec.ingress[0]", "from", 0)],
  ],
])("there are %s", (_, spec, expected) => {
  const object = { ...closed(), spec: { podSelector: {}, ...spec } };
  const titled = expected.map((message) => `NetworkPolicy shop/default: ${message}`);
  expect(saidOf([telling], [object])).toEqual(titled);
  // A policy of the cluster tells of the first in each list.
  const firsts = expected.filter((message) => message.endsWith("[0]."));
  expect(one && refusals(one.policy, { object })).toEqual(firsts);
});

test("what has no types at all has both", () => {
  const { spec, ...object } = closed({ ingress: [{ from: peers.slice(1) }] });
  const { policyTypes, ...bare } = spec as { policyTypes: unknown };
  expect(policyTypes).toBeDefined();
  expect(saidOf([telling], [{ ...object, spec: bare }])).toHaveLength(1);
});
