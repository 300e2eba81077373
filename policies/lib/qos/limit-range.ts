/** What a namespace's LimitRange adds to its pods, and what it refuses (k8s.io/kubernetes, plugin/pkg/admission/limitranger). */
import { at, entries, list, property, text } from "../values.ts";
import { type Amounts, amountOf, orElse, type PodAmounts, type Resources, roundedAll } from "./amounts.ts";

/** One item of a LimitRange, with the API server's own defaults. */
export interface LimitItem {
  readonly type: string;
  readonly default: Amounts;
  readonly defaultRequest: Amounts;
  readonly max: Amounts;
  readonly min: Amounts;
  readonly maxLimitRequestRatio: Amounts;
}

/** The items of a LimitRange object. */
export function limitItemsOf(limitRange: unknown): LimitItem[] {
  return list(at(limitRange, "spec", "limits")).map((item) => {
    const side = (key: string) =>
      roundedAll(new Map(entries(property(item, key)).map(([name, value]) => [name, amountOf(value)])));
    const [type, max, min] = [text(property(item, "type")) ?? "", side("max"), side("min")];
    const bounds = { type, max, min, maxLimitRequestRatio: side("maxLimitRequestRatio") };
    if (type !== "Container") return { ...bounds, default: side("default"), defaultRequest: side("defaultRequest") };
    const limits = orElse(side("default"), max);
    return { ...bounds, default: limits, defaultRequest: orElse(orElse(side("defaultRequest"), limits), min) };
  });
}

/** A pod's amounts, as the API server keeps them, with what LimitRanges add to containers that say less. */
export function withDefaults(pod: PodAmounts, items: readonly LimitItem[]): PodAmounts {
  // Later items of one kind say it better, and what is there already best.
  const own = items.filter(({ type }) => type === "Container");
  if (own.length === 0) return pod;
  const limits = own.reduce<Amounts>((all, item) => orElse(item.default, all), new Map());
  const requests = own.reduce<Amounts>((all, item) => orElse(item.defaultRequest, all), new Map());
  return {
    ...pod,
    containers: pod.containers.map((share) => ({
      ...share,
      limits: orElse(share.limits, limits),
      requests: orElse(share.requests, requests),
    })),
  };
}

/** How amounts break an item: the resource, and the rest of a sentence that starts with whose they are. */
export function breaksOf(
  { requests, limits }: Resources,
  item: LimitItem,
): (readonly [key: string, problem: string])[] {
  const found: (readonly [string, string])[] = [];
  const [asked, taken] = [(key: string) => requests.get(key), (key: string) => limits.get(key)];
  for (const [key, min] of item.min) {
    const [request, limit] = [asked(key), taken(key)];
    if (min === undefined) continue;
    if (request === undefined) found.push([key, `requests no ${key}, where the least is ${shown(key, min)}`]);
    else if (request < min)
      found.push([key, `requests ${shown(key, request)} of ${key}, below the least, ${shown(key, min)}`]);
    else if (limit !== undefined && limit < min)
      found.push([key, `is limited to ${shown(key, limit)} of ${key}, below the least, ${shown(key, min)}`]);
  }
  for (const [key, max] of item.max) {
    const [request, limit] = [asked(key), taken(key)];
    if (max === undefined) continue;
    if (limit === undefined) found.push([key, `has no limit for ${key}, where the most is ${shown(key, max)}`]);
    else if (limit > max)
      found.push([key, `is limited to ${shown(key, limit)} of ${key}, above the most, ${shown(key, max)}`]);
    else if (request !== undefined && request > max)
      found.push([key, `requests ${shown(key, request)} of ${key}, above the most, ${shown(key, max)}`]);
  }
  for (const [key, ratio] of item.maxLimitRequestRatio) {
    const [request = 0n, limit = 0n] = [asked(key), taken(key)];
    if (ratio === undefined) continue;
    if (request <= 0n || limit <= 0n)
      found.push([key, `lacks a request or a limit for ${key}, whose ratio is bounded`]);
    else if (limit * 1_000_000_000n > ratio * request)
      found.push([key, `is limited to more than ${String(Number(ratio) / 1e9)} times the ${key} it requests`]);
  }
  return found;
}

/** An amount in billionths as people write it. */
export function shown(key: string, amount: bigint): string {
  const whole = 1_000_000_000n;
  if (key.endsWith("memory") || key.endsWith("storage")) {
    const units = ["Ti", "Gi", "Mi", "Ki"] as const;
    for (const [index, unit] of units.entries()) {
      const size = whole * 1024n ** BigInt(units.length - index);
      if (amount >= size && amount % size === 0n) return `${String(amount / size)}${unit}`;
    }
  }
  return amount % whole === 0n ? String(amount / whole) : `${String((amount + 999_999n) / 1_000_000n)}m`;
}
