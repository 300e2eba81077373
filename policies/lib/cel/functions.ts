/** The functions of Kubernetes' CEL that CEL itself has not (k8s.io/apiserver/pkg/cel/library), as far as rules use them. */
import { type CelFunc, celFunc, celMethod, CelScalar, listType } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import { re2Problem } from "../../../components/re2.ts";
import { amountOf } from "../qos/amounts.ts";

const { BOOL, DOUBLE, DYN, INT, STRING } = CelScalar;

const patterns = new Map<string, RegExp>();

/**
 * A regular expression of RE2's by that of JavaScript, which reads what re2.ts lets pass in the same way: this one is
 * made once. @throws for what RE2 does not take
 */
export function re2(pattern: string): RegExp {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const problem = re2Problem(pattern);
  if (problem !== undefined) throw new Error(`The regular expression ${pattern} ${problem}.`);
  const made = new RegExp(pattern, "u");
  patterns.set(pattern, made);
  return made;
}

/** Amounts that have been read: a stack writes few, many times. */
const amounts = new Map<string, bigint | undefined>();
const mostAmounts = 10_000;

function amountIn(text: string): bigint | undefined {
  if (amounts.has(text)) return amounts.get(text);
  const amount = amountOf(text);
  if (amounts.size < mostAmounts) amounts.set(text, amount);
  return amount;
}

/** A quantity is the integer of its billionths here, of a type of its own there: what adds one to it fails there. */
function quantityOf(text: string): bigint {
  const amount = amountIn(text);
  if (amount === undefined) throw new Error(`"${text}" is no quantity.`);
  return amount;
}

/** As the server works it out: digits times a power of ten, of a text that is in its shortest form. */
function approximate(amount: bigint): number {
  for (const [unit, power] of units) if (amount % unit === 0n) return Number(amount / unit) * power;
  return Number(amount) * 1e-9;
}
const units = [
  [1_000_000_000n, 1],
  [1_000_000n, 1e-3],
  [1_000n, 1e-6],
] as const;

/** All of them. */
export const kubernetesFunctions: CelFunc[] = [
  ...strings,
  celFunc("isQuantity", [STRING], BOOL, (text) => amountIn(text) !== undefined),
  celFunc("quantity", [STRING], INT, quantityOf),
  celMethod("isGreaterThan", INT, [INT], BOOL, function (other) {
    return this > other;
  }),
  celMethod("isLessThan", INT, [INT], BOOL, function (other) {
    return this < other;
  }),
  celMethod("asApproximateFloat", INT, [], DOUBLE, function () {
    return approximate(this);
  }),
  celMethod("find", STRING, [STRING], STRING, function (pattern) {
    return re2(pattern).exec(this)?.[0] ?? "";
  }),
  celMethod("sum", listType(DYN), [], DOUBLE, function () {
    let sum = 0;
    for (const one of this) sum += Number(one);
    return sum;
  }),
  celMethod("max", listType(DYN), [], DOUBLE, function () {
    return Math.max(...[...this].map(Number));
  }),
  celMethod("indexOf", listType(DYN), [DYN], INT, function (wanted) {
    let index = 0n;
    for (const one of this) {
      if (one === wanted) return index;
      index += 1n;
    }
    return -1n;
  }),
];
