/** What comes from outside is encrypted. */
import { gatewayApi } from "../lib/ingress/gateways.ts";
import { covers, defaultBackendOf, hostOf, isIngress, rulesOf, tlsHostsOf } from "../lib/ingress/ingresses.ts";
import { attachedTo } from "../lib/ingress/listeners.ts";
import { isKind } from "../lib/lookup.ts";
import type { KubernetesObject } from "../lib/object.ts";
import { defineRule, each, type Finding, noParameters } from "../lib/rule.ts";
import { at, isAbsent, list, property } from "../lib/values.ts";

/** Annotations by which load balancers of clouds have their certificates. */
const elsewhere = [
  "alb.ingress.kubernetes.io/certificate-arn",
  "networking.gke.io/managed-certificates",
  "ingress.gcp.kubernetes.io/pre-shared-cert",
  "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
];

/** Refuses an Ingress without TLS for each of its hosts, and a route that passes on what came unencrypted. */
export const requireTls = defineRule({
  name: "ingress-require-tls",
  severity: "high",
  level: "mandatory",
  title: "Every host of an Ingress is in one of its TLS sections, and no route passes on what came over plain HTTP.",
  why: "Whoever is on the way reads passwords and sessions, and changes what is answered.",
  fix: "Add the host to spec.tls with the Secret of its certificate; let routes of plain HTTP redirect to HTTPS, and nothing else.",
  sees: "stack",
  parameters: noParameters,
  *check(object, { objects }) {
    if (isIngress(object)) yield* ofIngress(object);
    if (!isKind(object, gatewayApi, "HTTPRoute", "GRPCRoute")) return;
    const rules = list(at(object.value, "spec", "rules"));
    if (!rules.some((rule) => list(property(rule, "backendRefs")).length > 0)) return;
    const plain = attachedTo(object, objects).find(({ protocol }) => protocol === "HTTP");
    if (plain === undefined) return;
    const problem = `it passes on what comes over plain HTTP, through the listener ${plain.name}`;
    const fix = "Name a listener with HTTPS in sectionName of {path}, and let another route redirect to it.";
    yield { path: "spec.parentRefs", problem, fix };
  },
});

function* ofIngress(object: KubernetesObject): Iterable<Finding> {
  const annotations = at(object.value, "metadata", "annotations");
  if (elsewhere.some((key) => !isAbsent(property(annotations, key)))) return;
  const hosts = tlsHostsOf(object);
  const rules = rulesOf(object);
  yield* each(rules, function* (rule) {
    const host = hostOf(rule);
    if (hosts.some((pattern) => covers(pattern, host))) return;
    const who = host === "" ? "a rule for every host" : host;
    const problem = hosts.length === 0 ? `${who} is answered without TLS` : `${who} is in none of its TLS sections`;
    yield { path: "spec.tls", problem, fix: "Add the host to {path}, with the Secret of its certificate." };
  });
  if (rules.length > 0 || hosts.length > 0 || defaultBackendOf(object) === undefined) return;
  yield { path: "spec.tls", problem: "its default backend is answered without TLS", fix: "Add a section to {path}." };
}
