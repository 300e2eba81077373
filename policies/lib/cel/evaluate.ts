/** Asks the checks of a rule in this process, with a path for each finding; each expression is read once. */
import { type CelInput, celEnv, type CelResult, isCelError, isCelList, isCelMap, parse, plan } from "@bufbuild/cel";
import { decided, each, type Finding } from "../rule.ts";
import type { KubernetesObject } from "../object.ts";
import { Workload } from "../workload.ts";
import { variablesOf } from "./admitted-form.ts";
import { type CelForm, celText, type Check } from "./form.ts";
import { kubernetesFunctions, re2 } from "./functions.ts";
import { variablesOfObject } from "./object-form.ts";
import { lazyMap, meeting } from "./values.ts";

type Bindings = Readonly<Record<string, CelInput>>;
type Expression = (bindings: Bindings) => CelResult;

const environment = celEnv({ funcs: kubernetesFunctions, re2: { compile: re2 } });
const known = new Map<string, Expression>();

/** An expression, ready to be asked. @throws when it is none of CEL */
function compiled(expression: string): Expression {
  const made = known.get(expression);
  if (made !== undefined) return made;
  const planned = plan(environment, parse(expression));
  const ask: Expression = (bindings) => planned(bindings);
  known.set(expression, ask);
  return ask;
}

/** What an expression cannot be asked of: CEL fails where a value is of another type than the API server lets pass. */
class Mistyped extends Error {}

/** What an expression comes to. @throws Mistyped, and what {@link meeting} says is not known */
function valueOf(expression: string, bindings: Bindings): Exclude<CelResult, Error> {
  const [result, unknown] = meeting(() => compiled(expression)(bindings));
  if (!isCelError(result)) return result;
  throw unknown ?? new Mistyped(result.message, { cause: result });
}

function truth(expression: string, bindings: Bindings): boolean {
  const value = valueOf(expression, bindings);
  if (typeof value === "boolean") return value;
  throw new Mistyped(`${typeof value} is neither true nor false`);
}

function textOf(template: string, bindings: Bindings): string {
  return valueOf(celText(template), bindings) as string; // each of its parts is a text
}

function membersOf(expression: string, bindings: Bindings): readonly CelInput[] {
  const value = valueOf(expression, bindings);
  if (isCelList(value)) return [...value];
  if (isCelMap(value)) return [...value.keys()];
  throw new Mistyped(`${typeof value} is neither a list nor a map`);
}

/** What checks find in an object. What is not known of one item hides nothing of the others. */
export function* findingsOf(form: CelForm, subject: Workload | KubernetesObject): Iterable<Finding> {
  const { variables = {}, checks, about } = form;
  const given = subject instanceof Workload ? variablesOf(subject) : variablesOfObject(subject, form.lists);
  const bindings: Bindings = {
    variables: lazyMap(
      () => Object.keys(variables),
      (name) => {
        const expression = variables[name];
        return expression === undefined ? given(name) : valueOf(expression, bindings);
      },
    ),
  };
  const unsaid = new Set<string>();
  const groups = inTurn(checks);
  const whole = () => ({ path: "", who: "it" });
  const asked = refusingMistyped(whole, function* () {
    if (about?.where === undefined || truth(about.where, bindings))
      yield* each(groups, (group) => findingsOfGroup(group, bindings));
  });
  for (const finding of decided(asked)) {
    if ("unknown" in finding && unsaid.has(finding.path)) continue;
    if ("unknown" in finding) unsaid.add(finding.path);
    yield finding;
  }
}

type Group = [Check, ...Check[]];

/** Checks that follow each other and look at the same list, which is then gone through once. */
const inTurn = (checks: readonly Check[]): Group[] =>
  checks.reduce<Group[]>((groups, check) => {
    const last = groups.at(-1);
    if (last?.[0].each === check.each) last.push(check);
    else groups.push([check]);
    return groups;
  }, []);

function* findingsOfGroup(checks: Group, shared: Bindings): Iterable<Finding> {
  const items = membersOf(`variables.${checks[0].each}`, shared);
  yield* each(items, (it) => each(checks, (check) => findingsOfItem(check, { ...shared, it })));
}

const findingsOfItem = (check: Check, item: Bindings): Iterable<Finding> =>
  refusingMistyped(
    () => ({ path: textOf("{it.path}", item), who: textOf("{it.who}", item) }),
    () => askedOfItem(check, item),
  );

/** What is judged, as a finding names it. */
interface Judged {
  readonly path: string;
  readonly who: string;
}

/** What is of a wrong type is never in a cluster, and no reason to pass what is written. */
function* refusingMistyped(judged: () => Judged, ask: () => Iterable<Finding>): Iterable<Finding> {
  try {
    yield* ask();
  } catch (error) {
    if (!(error instanceof Mistyped)) throw error;
    const { path, who } = judged();
    const problem = `${who} cannot be judged, since a value in it is of a type that the API server refuses: ${error.message}`;
    yield { path, problem, fix: path === "" ? "Correct it." : "Correct what is in {path}." };
  }
}

function* askedOfItem(check: Check, item: Bindings): Iterable<Finding> {
  if (check.where !== undefined && !truth(check.where, item)) return;
  let bindings = item;
  for (const [name, expression] of Object.entries(check.let ?? {}))
    bindings = { ...bindings, [name]: valueOf(expression, bindings) };
  if (check.keys === undefined) yield* findingOf(check, bindings);
  else yield* each(membersOf(check.keys, bindings), (key) => findingOf(check, { ...bindings, key }));
}

function* findingOf({ valid, path, problem, fix }: Check, bindings: Bindings): Iterable<Finding> {
  if (truth(valid, bindings)) return;
  const [first, ...rest] = fix.split("{path}").map((part) => textOf(part, bindings));
  yield { path: textOf(path, bindings), problem: textOf(problem, bindings), fix: [first, ...rest].join("{path}") };
}
