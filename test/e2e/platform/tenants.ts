/** Tenants: their rights, and what bounds them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { kubectl as kubectlOf } from "../../../embedded/kubectl.ts";
import { versions } from "../../../versions.ts";
import { kubectl, refused, state } from "./context.ts";

test("tenants are apart, and what bounds them is not theirs to change", async () => {
  const as = (group: string, ...args: string[]) => kubectl(...args, "--as=somebody", `--as-group=${group}`);
  const may = async (group: string, verb: string, what: string, namespace: string) =>
    !(await refused(() => as(group, "auth", "can-i", verb, what, "-n", namespace)));
  assert.deepEqual(
    await Promise.all([
      may("shop-developers", "create", "deployments", "shop-web"),
      may("shop-developers", "create", "deployments", "billing-api"),
      may("shop-auditors", "get", "pods", "shop-web"),
      may("shop-auditors", "delete", "pods", "shop-web"),
      may("shop-leads", "create", "rolebindings", "shop-web"),
      may("shop-leads", "update", "resourcequotas", "shop-web"),
      may("shop-leads", "get", "pods", "backend"),
      may("billing-developers", "get", "secrets", "shop-web"),
    ]),
    [true, false, true, false, true, false, false, false],
  );
  // That breaks no rule, so that nothing else refuses it first.
  const open = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "open" } };
  const own = { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }], policyTypes: ["Ingress"] };
  const policy = JSON.stringify({ ...open, spec: own });
  const apply = (text: string, ...who: string[]) =>
    kubectlOf(state, ["apply", "-n", "shop-web", ...who, "-f", "-"], text);
  await assert.rejects(
    apply(policy, "--as=somebody", "--as-group=shop-leads"),
    /what bounds a tenant is written by the platform/,
  );
  const balancer = { apiVersion: "v1", kind: "Service", metadata: { name: "open" } };
  const service = JSON.stringify({ ...balancer, spec: { type: "LoadBalancer", ports: [{ port: 80 }] } });
  await assert.rejects(apply(service), /exceeded quota: tenant.*services\.loadbalancers/s);
  const run = ["run", "root", "-n", "shop-web", `--image=${versions.images.podinfo}`, "--restart=Never"];
  await assert.rejects(kubectl(...run), /violates PodSecurity "restricted/);
});
