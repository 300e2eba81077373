/** CEL about amounts. What it adds up is approximate there, so that it is compared with a little room. */
import { given } from "./form.ts";

/** How much more one sum may be than another and still be as much: far below what anybody writes. */
export const room = "1.000000001";

/** A number with a fraction, as CEL tells it from a whole one. */
export const double = (value: number): string => (Number.isInteger(value) ? `${String(value)}.0` : String(value));

/** That something is a quantity above zero. */
export const isPositive = (amount: string): string =>
  `(isQuantity(string(${amount})) && quantity(string(${amount})).isGreaterThan(quantity("0")))`;

/** A quantity as a number; nothing where it is none. */
export const approximate = (amount: string): string =>
  `(isQuantity(string(${amount})) ? quantity(string(${amount})).asApproximateFloat() : 0.0)`;

/** That a side of an item's resources, "requests" or "limits", has a resource, which is CEL itself. */
export const has = (of: string, side: string, resource: string): string =>
  `${given(`${of}.resources.${side}`)} && ${resource} in ${of}.resources.${side}`;

/** A side of an item's resources for a resource. */
export const amount = (of: string, side: string, resource: string): string => `${of}.resources.${side}[${resource}]`;

/** The same as a number, in place of a request its limit, as the API server would have it. */
function share(of: string, side: "requests" | "limits", resource: string): string {
  const [own, other] = [approximate(amount(of, side, resource)), approximate(amount(of, "limits", resource))];
  const otherwise = side === "limits" ? "0.0" : `(${has(of, "limits", resource)} ? ${other} : 0.0)`;
  return `(${has(of, side, resource)} ? ${own} : ${otherwise})`;
}

/**
 * What all containers come to: those that run side by side, or, where that is more, an init container with the sidecars
 * that start before it; amounts.ts has the same with its source.
 */
export function together(side: "requests" | "limits", resource: string): string {
  const of = (name: string) => share(`${name}.value`, side, resource);
  const running = `variables.containers.filter(c, c.role in ["app", "sidecar"]).map(c, ${of("c")}).sum()`;
  const before = `variables.containers.filter(s, s.role == "sidecar" && s.index < i.index).map(s, ${of("s")}).sum()`;
  const starting = `variables.containers.filter(i, i.role == "init").map(i, ${of("i")} + ${before})`;
  return `([${running}] + ${starting}).max()`;
}

const sizes = [
  ["Ti", 1024 ** 4],
  ["Gi", 1024 ** 3],
  ["Mi", 1024 ** 2],
  ["Ki", 1024],
] as const;

/** A number as people write the amount, for messages. @param resource CEL, as is the number */
export function shown(resource: string, number: string): string {
  const bytes = `int(${number} + 0.5)`;
  const binary = sizes
    .map(
      ([unit, size]) =>
        `${bytes} > 0 && ${bytes} % ${String(size)} == 0 ? string(${bytes} / ${String(size)}) + "${unit}" : `,
    )
    .join("");
  const plain = `int(${number} * 1000.0 + 0.5) % 1000 == 0 ? string(${bytes}) : string(int(${number} * 1000.0 + 0.5)) + "m"`;
  return `(${number} > 1e15 ? "very much" : ${resource}.endsWith("memory") || ${resource}.endsWith("storage") ? (${binary}${plain}) : (${plain}))`;
}
