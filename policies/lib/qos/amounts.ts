/** What pods ask for and may take, added up as Kubernetes does. */
import { parseQuantity } from "../../../quantity.ts";
import { entries, property, text } from "../values.ts";
import type { Container } from "../workload.ts";

/** Amounts by resource, in billionths; `undefined` where what is written is no quantity. */
export type Amounts = ReadonlyMap<string, bigint | undefined>;

/** What one container, or a pod for all of them, asks for and may take. */
export interface Resources {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** The resources of a container as far as they add up. */
export interface Share extends Resources {
  readonly role: Container["role"];
}

/** Everything of a pod that its class and its size depend on. */
export interface PodAmounts {
  /** Without ephemeral containers, which have no resources. */
  readonly containers: readonly Share[];
  /** What the pod says for all of them; `undefined` when it says nothing. */
  readonly pod: Resources | undefined;
}

/** The largest amount with a suffix like Ki that Kubernetes keeps: 2^63 - 1 (apimachinery's resource.Quantity). */
const most = ((1n << 63n) - 1n) * 1_000_000_000n;

/** A quantity in billionths; `undefined` when it is none. */
export function amountOf(value: unknown): bigint | undefined {
  if (value === null) return 0n;
  const word = text(value);
  const amount = word === undefined ? undefined : parseQuantity(word);
  if (amount === undefined || word?.endsWith("i") !== true) return amount;
  return amount > most ? most : amount < -most ? -most : amount;
}

/** Resources as somebody wrote them. */
export function resourcesOf(value: unknown): Resources {
  const side = (name: string) =>
    new Map(entries(property(value, name)).map(([key, amount]) => [key, amountOf(amount)]));
  return { requests: side("requests"), limits: side("limits") };
}

/** A pod's amounts as somebody wrote them. */
export function podAmountsOf(containers: readonly Container[], resources: unknown): PodAmounts {
  return {
    containers: containers
      .filter(({ role }) => role !== "ephemeral")
      .map(({ role, value }) => ({ role, ...resourcesOf(property(value, "resources")) })),
    pod: resources === undefined || resources === null ? undefined : resourcesOf(resources),
  };
}

const million = 1_000_000n;

/** The API server keeps thousandths, and rounds what is smaller away from zero. */
export const roundedAll = (amounts: Amounts): Amounts =>
  new Map([...amounts].map(([key, amount]) => [key, amount === undefined ? undefined : rounded(amount)]));
const rounded = (amount: bigint): bigint =>
  amount < 0n ? -rounded(-amount) : ((amount + million - 1n) / million) * million;

/** One map of amounts, and those of another where it has none. */
export const orElse = (own: Amounts, other: Amounts): Amounts => new Map([...other, ...own]);

const isHugePages = (key: string) => key.startsWith("hugepages-");
const isOfPods = (key: string) => key === "cpu" || key === "memory" || isHugePages(key);

/**
 * A pod's amounts as the API server keeps them: what is limited is requested, too, in each container and then in the
 * pod (k8s.io/kubernetes/pkg/apis/core/v1, SetDefaults_Pod).
 */
export function kept({ containers, pod }: PodAmounts): PodAmounts {
  const shares = containers.map(({ role, requests, limits }) => {
    const own = roundedAll(limits);
    return { role, requests: orElse(roundedAll(requests), own), limits: own };
  });
  if (pod === undefined) return { containers: shares, pod };
  const written = { requests: roundedAll(pod.requests), limits: roundedAll(pod.limits) };
  const limits =
    written.limits.size + written.requests.size === 0
      ? written.limits
      : orElse(
          written.limits,
          chosen(together(shares, "limits"), (key) => isHugePages(key) && !written.requests.has(key)),
        );
  if (limits.size === 0) return { containers: shares, pod: { ...written, limits } };
  const asked = chosen(together(shares, "requests"), (key) => isOfPods(key) && !isHugePages(key));
  const requests = orElse(orElse(written.requests, asked), chosen(limits, isOfPods));
  return { containers: shares, pod: { requests, limits } };
}

const chosen = (amounts: Amounts, which: (key: string) => boolean): Amounts =>
  new Map([...amounts].filter(([key]) => which(key)));

const plus = (one: Amounts, other: Amounts): Amounts =>
  new Map([
    ...one,
    ...[...other].map(([key, amount]) => [key, one.has(key) ? sum(one.get(key), amount) : amount] as const),
  ]);
const sum = (one: bigint | undefined, other: bigint | undefined) =>
  one === undefined || other === undefined ? undefined : one + other;

const larger = (one: Amounts, other: Amounts): Amounts =>
  new Map([
    ...one,
    ...[...other].map(([key, amount]) => {
      const own = one.get(key);
      const keeps = one.has(key) && (own === undefined || (amount !== undefined && own >= amount));
      return [key, keeps ? own : amount] as const;
    }),
  ]);

/**
 * What all containers come to: those that run side by side, or, where that is more, an init container with the sidecars
 * that start before it (KEP-753; k8s.io/component-helpers/resource).
 */
export function together(shares: readonly Share[], side: "requests" | "limits"): Amounts {
  let [running, sidecars, starting]: [Amounts, Amounts, Amounts] = [new Map(), new Map(), new Map()];
  for (const share of shares) if (share.role === "app") running = plus(running, share[side]);
  for (const share of shares) {
    if (share.role === "sidecar") {
      running = plus(running, share[side]);
      sidecars = plus(sidecars, share[side]);
      starting = larger(starting, sidecars);
    } else if (share.role === "init") starting = larger(starting, plus(share[side], sidecars));
  }
  return larger(running, starting);
}

/** What a pod comes to: what it says itself, and for everything else what its containers do. */
export function whole({ containers, pod }: PodAmounts, side: "requests" | "limits"): Amounts {
  return orElse(chosen(pod?.[side] ?? new Map<string, bigint>(), isOfPods), together(containers, side));
}
