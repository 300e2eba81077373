/** The checks of a rule as the API server is given them: variables, and one validation each. */
import type { CelForm, Check } from "./form.ts";
import { celText, quoted } from "./form.ts";

/** One validation of a ValidatingAdmissionPolicy. */
export interface Validation {
  readonly expression: string;
  readonly messageExpression: string;
  readonly reason: "Forbidden";
}

/** One variable of a ValidatingAdmissionPolicy. */
export interface Variable {
  readonly name: string;
  readonly expression: string;
}

const kind = "request.kind.kind";

/** Where the spec of its pods lies in each kind, as CEL: `dyn`, since each is missing in the others' types. */
const specs = [
  ["Pod", "dyn(object).spec", "spec"],
  ["PodTemplate", "dyn(object).template.spec", "template.spec"],
  ["CronJob", "dyn(object).spec.jobTemplate.spec.template.spec", "spec.jobTemplate.spec.template.spec"],
] as const;

const byKind = (of: (spec: (typeof specs)[number]) => string, otherwise: string) =>
  specs.map((spec) => `${kind} == "${spec[0]}" ? ${of(spec)} : `).join("") + otherwise;

// A ReplicationController need not have a template.
const specOfOthers = "has(dyn(object).spec.template) ? dyn(object).spec.template.spec : {}";

/** An item of a list: what is of several types stands in one map only as a value of any type. */
const itemOf = (parts: Readonly<Record<string, string>>) =>
  `{${Object.entries(parts)
    .map(([name, expression]) => `"${name}": dyn(${expression})`)
    .join(", ")}}`;

function containersOf(list: string, role: string, offset: string): string {
  const item = itemOf({
    who: `"container \\"" + c.name + "\\""`,
    path: `variables.path + ".${list}[" + string(i) + "]"`,
    role,
    index: `i + ${offset}`,
    value: "c",
  });
  return `(has(variables.spec.${list}) ? variables.spec.${list} : []).transformList(i, c, ${item})`;
}

/** What checks see of a workload: what this process binds in their place is in admitted-form.ts. */
const shared: Readonly<Record<string, string>> = {
  kind,
  patch: "false",
  spec: byKind(([, spec]) => spec, specOfOthers),
  path: byKind(([, , path]) => quoted(path), quoted("spec.template.spec")),
  pod: `[${itemOf({ who: '"the pod"', path: "variables.path", value: "variables.spec" })}]`,
  containers: [
    containersOf("initContainers", 'has(c.restartPolicy) && c.restartPolicy == "Always" ? "sidecar" : "init"', "0"),
    containersOf("containers", '"app"', "1000"),
    containersOf("ephemeralContainers", '"ephemeral"', "2000"),
  ].join(" + "),
  volumes: `(has(variables.spec.volumes) ? variables.spec.volumes : []).transformList(i, v, ${itemOf({
    who: `"volume \\"" + v.name + "\\""`,
    path: `variables.path + ".volumes[" + string(i) + "]"`,
    value: "v",
  })})`,
};

/** The variables that expressions need, each before those that use it. */
export function variablesFor(expressions: readonly string[], own: Readonly<Record<string, string>>): Variable[] {
  const all = { ...shared, ...own };
  const found = new Map<string, string>();
  const need = (text: string) => {
    for (const [name] of text.matchAll(/(?<=\bvariables\.)\w+/g)) {
      const expression = all[name];
      if (expression === undefined) throw new Error(`A rule asks for variables.${name}, and there is none.`);
      if (found.has(name)) continue;
      need(expression);
      found.set(name, expression);
    }
  };
  expressions.forEach(need);
  return [...found].map(([name, expression]) => ({ name, expression }));
}

/**
 * A check as one validation.
 *
 * @param exempt what else lets a finding pass, as CEL of its path
 */
export function validationOf(check: Check, exempt: (path: string) => string | undefined = () => undefined): Validation {
  const where = check.where === undefined ? "" : `.filter(it, ${check.where})`;
  const items = `variables.${check.each}${where}`;
  const named = (how: "all" | "map", inner: string, end = "") =>
    Object.entries(check.let ?? {}).reduceRight(
      (body, [name, own]) => `[${own}].${how}(${name}, ${body})${end}`,
      inner,
    );
  const excuse = exempt(celText(check.path));
  const valid = excuse === undefined ? check.valid : `(${check.valid}) || ${excuse}`;
  const body = named("all", check.keys === undefined ? valid : `(${check.keys}).all(key, ${valid})`);
  const message = messageOf(check);
  const first = check.keys === undefined ? message : `(${check.keys}).filter(key, !(${valid})).map(key, ${message})[0]`;
  return {
    expression: `${items}.all(it, ${body})`,
    messageExpression: `${items}.filter(it, !(${body})).map(it, ${named("map", first, "[0]")})[0]`,
    reason: "Forbidden",
  };
}

function messageOf({ path, problem, fix }: Check): string {
  const steps = fix.split("{path}").map(celText);
  return `${celText(problem)} + ". " + ${steps.join(` + ${celText(path)} + `)}`;
}

/** Everything of a rule, for one policy. */
export function clusterForm(
  { checks, variables = {} }: CelForm,
  exempt?: (path: string) => string | undefined,
): { readonly variables: Variable[]; readonly validations: Validation[] } {
  const validations = checks.map((check) => validationOf(check, exempt));
  const texts = validations.flatMap(({ expression, messageExpression }) => [expression, messageExpression]);
  return { variables: variablesFor(texts, variables), validations };
}
