import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { requireEnforcement } from "../../../policies/network-policy/require-enforcement.ts";
import { stackPolicies } from "../../../scripts/policy-config.ts";
import { closed, labelled } from "../network-policies.ts";
import { saidOf } from "../workloads.ts";

const name = "network-policy-require-enforcement";

test("accepts policies where they have an effect, and anything else elsewhere", () => {
  expect(saidOf([requireEnforcement], [closed()])).toEqual([]);
  const config = policyConfigSchema.parse({ rules: { [name]: { parameters: { enforced: false } } } });
  expect(saidOf([requireEnforcement], [labelled()], config)).toEqual([]);
});

test.each<[object, boolean]>([
  [{ kind: "embedded" }, true],
  [{ kind: "eks" }, true],
  [{ kind: "eks", networkPolicy: "off" }, false],
  [{ kind: "k3s" }, true],
  [{ kind: "k3s", cni: "none" }, false],
])("knows of a stack whether its cluster heeds them: %j", (cluster, enforced) => {
  const config = stackPolicies({ "quintet:cluster": cluster });
  expect(config.rules[name]).toEqual({ parameters: { enforced } });
  const said = saidOf([requireEnforcement], [closed()], config);
  expect(said).toEqual(
    enforced
      ? []
      : [
          "NetworkPolicy shop/default: the network of this cluster heeds no NetworkPolicy, so that this one closes nothing. Turn on in quintet:cluster what enforces policies.",
        ],
  );
});
