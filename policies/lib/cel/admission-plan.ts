/** The rules as objects of the cluster: what the API server asks before it takes a workload, whoever sends it. */
import type { Exemption, PolicyConfig } from "../config.ts";
import type { Rule } from "../rule.ts";
import { clusterForm, type Validation, type Variable } from "./cluster-form.ts";
import { type Kinds, orElse, quoted } from "./form.ts";

/** What a policy is asked about. */
export interface ResourceRule {
  readonly apiGroups: string[];
  readonly apiVersions: string[];
  readonly operations: string[];
  readonly resources: string[];
}

/** One rule in the cluster: a ValidatingAdmissionPolicy and its binding, under the rule's name. */
export interface AdmittedRule {
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly policy: {
    readonly failurePolicy: "Fail";
    readonly matchConstraints: { readonly resourceRules: readonly ResourceRule[] };
    readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
    readonly variables: readonly Variable[];
    readonly validations: readonly Validation[];
  };
  readonly binding: {
    readonly policyName: string;
    readonly validationActions: readonly ("Deny" | "Warn" | "Audit")[];
    readonly matchResources: { readonly namespaceSelector: object };
  };
}

const operations = ["CREATE", "UPDATE"];

/** Every form of a workload, with containers that are put into running pods. */
const workloads: readonly ResourceRule[] = [
  { apiGroups: [""], resources: ["pods", "pods/ephemeralcontainers", "podtemplates", "replicationcontrollers"] },
  { apiGroups: ["apps"], resources: ["deployments", "statefulsets", "daemonsets", "replicasets"] },
  { apiGroups: ["batch"], resources: ["jobs", "cronjobs"] },
].map((rule) => ({ ...rule, apiVersions: ["v1"], operations }));

const isNew = 'request.operation == "CREATE"';
const changedWorkload =
  "(has(dyn(object).spec) ? dyn(object).spec != dyn(oldObject).spec : dyn(object).template != dyn(oldObject).template)";

/** An expression about an object as one of another object: conditions come before variables. */
const asked = (expression: string, of: "object" | "oldObject") =>
  expression.replaceAll("variables.object", `dyn(${of})`);

function changedOf({ reads }: Kinds): string {
  const all = reads.map((path) => {
    const value = orElse(`variables.object.${path}`, "null");
    return `${asked(value, "object")} != ${asked(value, "oldObject")}`;
  });
  return all.join(" || ");
}

/** What is asked, and when: what is there already may still be labelled, finished and deleted. */
function matchOf(about: Kinds | undefined): Pick<AdmittedRule["policy"], "matchConstraints" | "matchConditions"> {
  const changed = {
    name: "changed",
    expression: `${isNew} || ${about === undefined ? changedWorkload : changedOf(about)}`,
  };
  if (about === undefined) return { matchConstraints: { resourceRules: workloads }, matchConditions: [changed] };
  const { groups, resources, where } = about;
  const rule = { apiGroups: [...groups], apiVersions: ["*"], operations, resources: Object.values(resources) };
  const meant = where === undefined ? [] : [{ name: "meant", expression: asked(where, "object") }];
  return { matchConstraints: { resourceRules: [rule] }, matchConditions: [changed, ...meant] };
}

/** Whom a workload's pods and what makes them name as their owner. */
const makers: Readonly<Record<string, readonly string[]>> = {
  Deployment: ["Deployment", "ReplicaSet"],
  CronJob: ["CronJob", "Job"],
};

/** That a text of CEL is the name of an exemption, which may end in "*". */
const named = (text: string, name: string): string =>
  name.endsWith("*") ? `${text}.startsWith(${quoted(name.slice(0, -1))})` : `${text} == ${quoted(name)}`;

/** That an owner is the one of that name, or was made by it and bears its name with an end of its own. */
const ownerNamed = (name: string): string =>
  name.endsWith("*") ? named("o.name", name) : `(${named("o.name", name)} || ${named("o.name", `${name}-*`)})`;

/** That an object is one that an exemption is for, or is made by it. */
function isExempt({ kind, namespace, name }: Exemption): string {
  const objectName = '(has(object.metadata.name) ? object.metadata.name : "")';
  const own = [
    ...(kind === undefined ? [] : [`request.kind.kind == ${quoted(kind)}`]),
    ...(name === undefined ? [] : [named(objectName, name)]),
  ];
  const kinds = kind === undefined ? undefined : (makers[kind] ?? [kind]).map(quoted).join(", ");
  const owner = [
    ...(kinds === undefined ? [] : [`o.kind in [${kinds}]`]),
    ...(name === undefined ? [] : [ownerNamed(name)]),
  ];
  const owned = `has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(o, ${owner.join(" && ")})`;
  const which = own.length === 0 ? [] : [`((${own.join(" && ")}) || (${owned}))`];
  return [...(namespace === undefined ? [] : [`request.namespace == ${quoted(namespace)}`]), ...which].join(" && ");
}

const specOfMost = "spec.template.spec";

/** Where the spec of the pods lies in each kind of another form. */
const specs: Readonly<Record<string, string>> = {
  Pod: "spec",
  PodTemplate: "template.spec",
  CronJob: "spec.jobTemplate.spec.template.spec",
};

/**
 * What a path of an exemption says below the spec of the pods: "" for all of it, and `undefined` where it is of something
 * else. What a workload makes has that spec elsewhere, and is exempt with it.
 */
function belowSpec({ kind, path }: Exemption): string | undefined {
  if (path === undefined) return undefined;
  const all = [specOfMost, ...Object.values(specs)].toSorted((a, b) => b.length - a.length);
  for (const spec of kind === undefined ? all : [specs[kind] ?? specOfMost]) {
    if (spec.startsWith(path)) return "";
    if (path.startsWith(spec)) return path.slice(spec.length);
  }
  return undefined;
}

/** That an exemption is for an object, and for what lies there, a path of CEL. */
function excuse(one: Exemption, found: string, about: Kinds | undefined): string[] {
  const { path } = one;
  if (about !== undefined)
    return path === undefined ? [] : [`(${isExempt(one)} && (${found}).startsWith(${quoted(path)}))`];
  const below = belowSpec(one);
  if (below === undefined) return [];
  return [
    below === ""
      ? `(${isExempt(one)})`
      : `(${isExempt(one)} && (${found}).startsWith(variables.path + ${quoted(below)}))`,
  ];
}

/**
 * The rules that are CEL, and are not turned off, for a cluster.
 *
 * @param exempt namespaces that are left alone, with why
 */
export function planAdmission(
  rules: readonly Rule[],
  { rules: set, exemptions }: PolicyConfig,
  exempt: Readonly<Record<string, string>>,
): AdmittedRule[] {
  return rules.flatMap((rule) => {
    const { level = rule.level, parameters } = set[rule.name] ?? {};
    const form = rule.cel?.(rule.parameters.parse(parameters));
    if (form === undefined || level === "disabled" || form.checks.length === 0) return [];
    const own = exemptions.filter((exemption) => exemption.rule === rule.name);
    const whole = own.filter(({ path }) => path === undefined);
    const excuses = (found: string) => own.flatMap((one) => excuse(one, found, form.about)).join(" || ") || undefined;
    const { matchConstraints, matchConditions } = matchOf(form.about);
    const names = Object.keys(exempt).sort();
    const selector = { key: "kubernetes.io/metadata.name", operator: "NotIn", values: names };
    return [
      {
        name: rule.name,
        annotations: {
          "quintet.dev/title": rule.title,
          "quintet.dev/why": rule.why,
          ...(names.length + own.length === 0 ? {} : { "quintet.dev/exempt": reasonsOf(exempt, own) }),
        },
        policy: {
          failurePolicy: "Fail",
          matchConstraints,
          matchConditions: [
            ...matchConditions,
            ...whole.map((one, index) => ({ name: `exempt-${String(index)}`, expression: `!(${isExempt(one)})` })),
          ],
          ...clusterForm(form, excuses),
        },
        binding: {
          policyName: rule.name,
          validationActions: level === "advisory" ? ["Warn", "Audit"] : ["Deny"],
          matchResources: { namespaceSelector: names.length === 0 ? {} : { matchExpressions: [selector] } },
        },
      },
    ];
  });
}

function reasonsOf(namespaces: Readonly<Record<string, string>>, exemptions: readonly Exemption[]): string {
  return [
    ...Object.entries(namespaces).map(([name, reason]) => `namespace ${name}: ${reason}`),
    ...exemptions.map(({ kind = "any", namespace = "*", name = "*", path, reason, expires }) => {
      const what = `${kind} ${namespace}/${name}${path === undefined ? "" : ` ${path}`}`;
      return `${what}: ${reason} (until ${expires})`;
    }),
  ].join("\n");
}

/** The rules as manifests, to read or to apply by hand. */
export const manifestsOf = ({ name, annotations, policy, binding }: AdmittedRule): readonly object[] => [
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name, annotations },
    spec: policy,
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name, annotations },
    spec: binding,
  },
];
