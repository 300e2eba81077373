/** Who is called from outside has a name. */
import { gatewayApi } from "../lib/ingress/gateways.ts";
import { defaultBackendOf, hostOf, isIngress, rulesOf } from "../lib/ingress/ingresses.ts";
import { attachedTo } from "../lib/ingress/listeners.ts";
import { isKind } from "../lib/lookup.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";
import { at, list } from "../lib/values.ts";

/** Refuses what answers under every name that leads to the ingress. */
export const requireHosts = defineRule({
  name: "ingress-require-hosts",
  severity: "medium",
  level: "mandatory",
  title: "Every rule of an Ingress has a host, and every route of a Gateway hostnames, its own or its listener's.",
  why: "What has none answers under every name, those of others among them, and takes their requests where they have no path for them.",
  fix: "Write the host that it is for.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (isIngress(object)) {
      const rules = rulesOf(object);
      yield* each(rules, function* (rule) {
        if (hostOf(rule) !== "") return;
        yield {
          path: `${rule.path}.host`,
          problem: "a rule without a host takes the requests of every name",
          fix: "Write it in {path}.",
        };
      });
      const backend = defaultBackendOf(object);
      if (rules.length > 0 || backend === undefined) return;
      const problem = "it has no rules, and its default backend takes the requests of every name";
      yield { path: backend.path, problem, fix: "Write a rule with a host in spec.rules in the place of {path}." };
    }
    if (!isKind(object, gatewayApi, "HTTPRoute", "GRPCRoute")) return;
    if (list(at(object.value, "spec", "hostnames")).length > 0) return;
    const open = attachedTo(object, objects).find(({ hostname }) => hostname === undefined || hostname === "");
    if (open === undefined) return;
    const problem = `neither it nor its listener ${open.name} has a hostname, so that it takes the requests of every name`;
    yield { path: "spec.hostnames", problem, fix: "Write them in {path}." };
  },
});
