/** The checks of a rule as the API server is given them: variables, and one validation each. */
import type { CelForm, Check } from "./form.ts";
import { celText, orElse, quoted } from "./form.ts";

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

/** Where the template of its pods lies in each kind, as CEL: `dyn`, since each is missing in the others' types. */
const templates = [
  ["Pod", "dyn(object)", ""],
  ["PodTemplate", "dyn(object).template", "template."],
  ["CronJob", "dyn(object).spec.jobTemplate.spec.template", "spec.jobTemplate.spec.template."],
] as const;

const byKind = (of: (template: string, path: string) => string, otherwise: string) =>
  templates.map(([name, template, path]) => `${kind} == "${name}" ? ${of(template, path)} : `).join("") + otherwise;

/** What is said in the template of other kinds; a ReplicationController need not have one. */
const ofOthers = (key: string) => `has(dyn(object).spec.template) ? dyn(object).spec.template${key} : {}`;

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

/** The items of a list of an object; one that does not say what it is says where. */
const itemsAt = (path: string): string => {
  const place = `${quoted(`${path}[`)} + string(i) + "]"`;
  return `${orElse(`variables.object.${path}`, "[]")}.transformList(i, v, ${itemOf({ who: place, path: place, value: "v" })})`;
};

/**
 * What checks see of a workload, or another object: what this process binds in their place is in admitted-form.ts and
 * object-form.ts.
 */
const shared: Readonly<Record<string, string>> = {
  object: "dyn(object)",
  whole: `[${itemOf({ who: '"it"', path: '""', value: "variables.object" })}]`,
  kind,
  patch: "false",
  spec: byKind((template) => `${template}.spec`, ofOthers(".spec")),
  template: byKind((template) => template, ofOthers("")),
  path: byKind((_, path) => quoted(`${path}spec`), quoted("spec.template.spec")),
  metadataPath: byKind((_, path) => quoted(`${path}metadata`), quoted("spec.template.metadata")),
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
  { checks, lists = {}, variables = {} }: CelForm,
  exempt?: (path: string) => string | undefined,
): { readonly variables: Variable[]; readonly validations: Validation[] } {
  const validations = checks.map((check) => validationOf(check, exempt));
  const texts = validations.flatMap(({ expression, messageExpression }) => [expression, messageExpression]);
  const own = Object.entries(lists).map(([name, path]) => [name, itemsAt(path)] as const);
  return { variables: variablesFor(texts, { ...Object.fromEntries(own), ...variables }), validations };
}
