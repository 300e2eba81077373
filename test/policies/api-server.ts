/** What the API server says of an object by a ValidatingAdmissionPolicy, with the policy's CEL asked in this process. */
import {
  celEnv,
  type CelInput,
  celList,
  celMap,
  celMethod,
  type CelResult,
  CelScalar,
  isCelError,
  listType,
  parse,
  plan,
} from "@bufbuild/cel";
import type { AdmittedRule } from "../../policies/lib/cel/admission-plan.ts";
import type { Variable } from "../../policies/lib/cel/cluster-form.ts";
import { kubernetesFunctions, re2 } from "../../policies/lib/cel/functions.ts";
import { celValue } from "../../policies/lib/cel/values.ts";

const { DYN, INT } = CelScalar;

/** The places of a list, for what stands in for transformList. */
const places = celMethod("places", listType(DYN), [], listType(INT), function () {
  return celList([...this].map((_, place) => BigInt(place)));
});
const environment = celEnv({ funcs: [...kubernetesFunctions, places], re2: { compile: re2 } });

/** An expression without transformList, which the library has not. */
const known = (expression: string) =>
  expression.replaceAll(
    /(\(has\([^?]+ \? \S+ : \[\]\))\.transformList\(i, (\w), (\{[^{}]*\})\)/g,
    "$1.places().map(i, [$1[i]].map($2, $3)[0])",
  );

type Bindings = Readonly<Record<string, CelInput>>;

function valueOf(expression: string, bindings: Bindings): Exclude<CelResult, Error> {
  const value = plan(environment, parse(known(expression)))(bindings);
  if (isCelError(value)) throw new Error(`${value.message}: ${expression}`);
  return value;
}

/** What is asked about: an object as the server has it, with its defaults. */
export interface Request {
  readonly object: object & { readonly kind?: string };
  /** What was there before an update. @default nothing, and the object is new */
  readonly old?: object;
  readonly namespace?: string;
}

const bindingsOf = ({ object, old, namespace = "shop" }: Request): Bindings => {
  const request = { kind: { kind: object.kind }, operation: old === undefined ? "CREATE" : "UPDATE", namespace };
  const values = { request, object, oldObject: old };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, celValue(value) ?? null]));
};

function withVariables(variables: readonly Variable[], bindings: Bindings): Bindings {
  const values = new Map<string, CelInput>();
  const all = { ...bindings, variables: celMap(values) };
  // Each sees only those before it.
  for (const { name, expression } of variables) values.set(name, valueOf(expression, all));
  return all;
}

/** What an expression comes to that sees variables. */
export const valueIn = (expression: string, variables: readonly Variable[], request: Request): unknown =>
  valueOf(expression, withVariables(variables, bindingsOf(request)));

/** The messages of a policy about an object; `undefined` where its conditions leave it alone. */
export function refusals(
  { matchConditions, variables, validations }: AdmittedRule["policy"],
  request: Request,
): unknown[] | undefined {
  const bindings = bindingsOf(request);
  if (matchConditions.some(({ expression }) => valueOf(expression, bindings) !== true)) return undefined;
  const all = withVariables(variables, bindings);
  return validations.flatMap(({ expression, messageExpression }) =>
    valueOf(expression, all) === true ? [] : [valueOf(messageExpression, all)],
  );
}
