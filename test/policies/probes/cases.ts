/** One container with probes, and what rules say of it in every form of a workload. */
import type { PolicyConfig } from "../../../policies/lib/config.ts";
import type { Rule } from "../../../policies/lib/rule.ts";
import { deployment, formsOf, pod, resources, saidOf } from "../workloads.ts";

export const port = { name: "http", containerPort: 8080 };
export const ask = (path: string, more: object = {}) => ({ httpGet: { path, port: "http" }, ...more });

/** A container that complies with all rules about probes. */
export const good = {
  name: "app",
  image: "ghcr.io/acme/web:1.2.3",
  resources,
  ports: [port],
  readinessProbe: ask("/readyz"),
  livenessProbe: ask("/livez"),
};

/** What a rule says of a Deployment with that container, or with a part of it changed. */
export const saidOfContainer = (rule: Rule, change: object, spec: object = {}, config?: PolicyConfig): string[] =>
  saidOf([rule], [deployment(pod({ containers: [{ ...good, ...change }], ...spec }))], config);

/** The kinds in which a rule says something of that container. */
export const kindsOf = (rule: Rule, change: object): string[] =>
  formsOf(pod({ containers: [{ ...good, ...change }] })).flatMap(([kind, object]) =>
    saidOf([rule], [object]).length > 0 ? [kind] : [],
  );

/** Where the container stands. */
export const at = "spec.template.spec.containers[0]";
