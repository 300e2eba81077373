import { planAddOns } from "../../../../components/cluster/eks/add-on-plan.ts";
import { noDns } from "../../../lib/stacks.ts";
import { configOf, ofType, resourcesOf } from "./example.ts";

test("an add-on stands at its build, with what it is told, and takes back what was edited by hand", async () => {
  const addOns = { coredns: { configuration: { replicaCount: 3 } } };
  const planned = planAddOns(configOf({ addOns }), noDns).find(({ name }) => name === "coredns");
  expect(planned?.configuration).toContain('"replicaCount":3');
  const made = ofType(await resourcesOf(configOf({ addOns })), "aws:eks/addon:Addon");
  const conflicts = { resolveConflictsOnCreate: "OVERWRITE", resolveConflictsOnUpdate: "OVERWRITE" };
  expect(made.get("cluster-services-coredns")?.inputs).toEqual({
    clusterName: "shop",
    addonName: "coredns",
    addonVersion: "v1.14.3-eksbuild.16",
    configurationValues: planned?.configuration,
    ...conflicts,
  });
  expect(made.get("cluster-base-kube-proxy")?.inputs).toEqual({
    clusterName: "shop",
    addonName: "kube-proxy",
    addonVersion: "v1.36.0-eksbuild.21",
    ...conflicts,
  });
});
