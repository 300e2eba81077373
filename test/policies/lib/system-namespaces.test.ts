import { exemptReason, systemNamespaces, systemParameter } from "../../../policies/lib/system-namespaces.ts";

const whole = "the cluster's own components run there, which come and go without this stack";

test("the cluster's own namespaces are left alone, each with a reason", () => {
  expect(systemNamespaces).toEqual({ "kube-system": whole, "kube-public": whole, "kube-node-lease": whole });
  expect(systemParameter.parse(undefined)).toEqual({
    "kube-system": whole,
    "kube-public": whole,
    "kube-node-lease": whole,
  });
});

test("others may be left alone in their place", () => {
  expect(systemParameter.parse({ monitoring: "its operator makes them" })).toEqual({
    monitoring: "its operator makes them",
  });
  expect(systemParameter.parse({})).toEqual({});
  expect(systemParameter.safeParse({ monitoring: "" }).success).toBe(false);
});

test("a reason has ten characters or more, without the spaces around it", () => {
  expect(exemptReason.parse("  0123456789 ")).toBe("0123456789");
  expect(exemptReason.safeParse(" 012345678 ").error?.issues[0]?.message).toBe(
    "must say why, in ten characters or more",
  );
});
