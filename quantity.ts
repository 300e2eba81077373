/**
 * Kubernetes' own resource quantities ("50m", "64Mi", "1.5", "2e3"), by the grammar of
 * k8s.io/apimachinery/pkg/api/resource.Quantity.
 */

const binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const grammar = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([KMGTPE]i)|[eE]([+-]?\d{1,2})|([numkMGTPE]?))$/;

/**
 * The value of a quantity in billionths, the smallest unit Kubernetes keeps, rounded away from zero as it does;
 * `undefined` when the text is not a quantity.
 */
export function parseQuantity(text: string): bigint | undefined {
  const match = grammar.exec(text);
  if (match === null) return undefined;
  const [, sign, digits = "", binarySuffix, exponent, suffix = ""] = match;
  const [whole = "", fraction = ""] = digits.split(".");
  const factor = binarySuffix === undefined ? 1n : 1024n ** BigInt(binary.indexOf(binarySuffix) + 1);
  const power = 9 - fraction.length + (exponent === undefined ? (decimal[suffix] ?? 0) : Number(exponent));
  const scaled = BigInt(whole + fraction) * factor;
  const divisor = 10n ** BigInt(Math.max(0, -power));
  const nanos = (scaled * 10n ** BigInt(Math.max(0, power)) + divisor - 1n) / divisor;
  return sign === "-" ? -nanos : nanos;
}
