/** How long what the platform runs on is still supported by its makers: the dates are data, in versions.ts. */
import { versions } from "./versions.ts";

/** Who makes a release. */
export type Product = keyof typeof versions.support;

/** One minor release that a stack uses. */
export interface Release {
  readonly product: Product;
  /** As in "1.36". */
  readonly minor: string;
  /** The configuration's key that chooses it, when one does. */
  readonly path?: string;
}

interface Support {
  readonly until?: string;
  readonly kubernetes?: readonly string[];
}

/** From how many days before the end of support on a stack is warned: time enough for an upgrade with its rehearsal. */
export const warningDays = 90;

const table: Readonly<Record<Product, Readonly<Record<string, Support>>>> = versions.support;
const day = 24 * 60 * 60 * 1000;

/** The minor releases of a product that the platform may use, oldest first. */
export function supportedMinors(product: Product): string[] {
  return Object.keys(table[product]);
}

/**
 * A sentence for each release whose support ends within {@link warningDays} or has ended.
 *
 * @param today any moment of the day that is asked about
 */
export function supportWarnings(releases: readonly Release[], today: Date): string[] {
  return releases.flatMap(({ product, minor, path }) => {
    const until = table[product][minor]?.until;
    if (until === undefined) return [];
    const left = Date.parse(until) / day - Math.floor(today.getTime() / day) + 1; // the last day is supported to its end
    if (left > warningDays) return [];
    const newest = supportedMinors(product).at(-1) ?? minor;
    const where = path === undefined ? "" : `${path}: `;
    const when =
      left <= 0 ? `ended on ${until}` : `ends on ${until}, in ${String(left)} ${left === 1 ? "day" : "days"}`;
    const way =
      newest === minor ? "No newer release is known here yet: update Quintet" : `Plan the upgrade to ${newest}`;
    return [`${where}support of ${product} ${minor} ${when}. ${way}.`];
  });
}

/** Why two releases do not go together, or `undefined` when they do. */
export function combinationProblem(product: Product, minor: string, kubernetesMinor: string): string | undefined {
  const known = table[product][minor];
  if (known === undefined) {
    return `${product} ${minor} is not supported, use one of ${supportedMinors(product).join(", ")}`;
  }
  if (known.kubernetes === undefined || known.kubernetes.includes(kubernetesMinor)) return undefined;
  return `${product} ${minor} does not run on Kubernetes ${kubernetesMinor}, but on ${known.kubernetes.join(", ")}`;
}
