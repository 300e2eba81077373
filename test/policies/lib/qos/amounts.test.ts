import {
  type Amounts,
  amountOf,
  kept,
  podAmountsOf,
  resourcesOf,
  roundedAll,
  type Share,
  together,
  whole,
} from "../../../../policies/lib/qos/amounts.ts";

const billion = 1_000_000_000n;
const bytes = (amount: bigint) => amount * billion;
const map = (amounts: Record<string, bigint | undefined>): Amounts => new Map(Object.entries(amounts));
const share = (role: Share["role"], requests: object, limits: object = {}): Share => ({
  role,
  ...resourcesOf({ requests, limits }),
});

test.each<[unknown, bigint | undefined]>([
  ["100m", 100_000_000n],
  [2, bytes(2n)],
  ["64Mi", bytes(64n * 1024n * 1024n)],
  [null, 0n],
  ["much", undefined],
  ["i", undefined],
  [undefined, undefined],
  // 2^63 - 1 is the most with a suffix of powers of two, and what is written with another one is kept as it is.
  ["8Ei", bytes((1n << 63n) - 1n)],
  ["7Ei", bytes(7n << 60n)],
  ["-9Ei", -bytes((1n << 63n) - 1n)],
  ["-7Ei", -bytes(7n << 60n)],
  ["10E", bytes(10n ** 19n)],
])("the amount of %j", (written, amount) => {
  expect(amountOf(written)).toBe(amount);
});

test("what is below a thousandth is rounded away from zero", () => {
  const rounded = roundedAll(map({ above: 1n, below: -1n, exact: 2_000_000n, none: undefined, zero: 0n }));
  expect(Object.fromEntries(rounded)).toEqual({
    above: 1_000_000n,
    below: -1_000_000n,
    exact: 2_000_000n,
    none: undefined,
    zero: 0n,
  });
});

describe("containers together", () => {
  test("are those that run side by side, with every sidecar", () => {
    const shares = [
      share("app", { cpu: "1" }),
      share("app", { cpu: "2", memory: "1" }),
      share("sidecar", { cpu: "4" }),
    ];
    expect(Object.fromEntries(together(shares, "requests"))).toEqual({ cpu: bytes(7n), memory: bytes(1n) });
  });

  test("are an init container with the sidecars before it, where that is more", () => {
    const shares = [
      share("init", { cpu: "5" }),
      share("sidecar", { cpu: "2" }),
      share("init", { cpu: "6" }),
      share("sidecar", { cpu: "1" }),
      share("app", { cpu: "1" }),
    ];
    expect(together(shares, "requests").get("cpu")).toBe(bytes(8n));
    expect(together(shares.slice(0, 2), "requests").get("cpu")).toBe(bytes(5n));
    expect(together([share("init", { cpu: "3" }), share("app", { cpu: "3" })], "requests").get("cpu")).toBe(bytes(3n));
  });

  test("are no amount where one of them is none", () => {
    const bad = share("app", { cpu: "much" });
    for (const shares of [
      [bad, share("app", { cpu: "1" })],
      [share("app", { cpu: "1" }), bad],
      [bad, share("init", { cpu: "9" })],
      [share("app", { cpu: "1" }), share("init", { cpu: "much" })],
    ]) {
      const sum = together(shares, "requests");
      expect([sum.has("cpu"), sum.get("cpu")]).toEqual([true, undefined]);
    }
  });
});

describe("a pod as it is kept", () => {
  const own = (pod: object | undefined, requests: object, limits: object) =>
    kept({ containers: [share("app", requests, limits)], pod: pod === undefined ? undefined : resourcesOf(pod) }).pod;
  const shown = (pod: object | undefined, requests: object = {}, limits: object = {}) => {
    const found = own(pod, requests, limits);
    return found && { requests: Object.fromEntries(found.requests), limits: Object.fromEntries(found.limits) };
  };

  test("that says nothing is given nothing", () => {
    expect(shown(undefined, { cpu: "1" }, { cpu: "1" })).toBeUndefined();
    expect(shown({}, { cpu: "1" }, { cpu: "1", "hugepages-2Mi": "4" })).toEqual({ requests: {}, limits: {} });
    expect(podAmountsOf([], undefined).pod).toBeUndefined();
    expect(podAmountsOf([], null).pod).toBeUndefined();
    expect(podAmountsOf([], {}).pod).toEqual({ requests: new Map(), limits: new Map() });
  });

  test("requests what its containers do, and else what it is limited to", () => {
    expect(shown({ limits: { cpu: "4", memory: "4" } }, { cpu: "1", "example.com/gpu": "1" })).toEqual({
      requests: { cpu: bytes(1n), memory: bytes(4n) },
      limits: { cpu: bytes(4n), memory: bytes(4n) },
    });
  });

  test("without a limit is left as it is written", () => {
    expect(shown({ requests: { cpu: "1" } }, { memory: "1" }, { memory: "1" })).toEqual({
      requests: { cpu: bytes(1n) },
      limits: {},
    });
  });

  test("is limited to its containers' huge pages, unless it requests them itself", () => {
    expect(shown({ requests: { cpu: "1" } }, {}, { "hugepages-2Mi": "4", memory: "1" })).toEqual({
      requests: { cpu: bytes(1n), memory: bytes(1n), "hugepages-2Mi": bytes(4n) },
      limits: { "hugepages-2Mi": bytes(4n) },
    });
    expect(shown({ requests: { "hugepages-2Mi": "8" } }, {}, { "hugepages-2Mi": "4" })?.limits).toEqual({});
  });
});

test("a whole pod comes to what it says of its own resources, and for all others to its containers", () => {
  const containers = [share("app", { cpu: "1", memory: "1", "example.com/gpu": "1" })];
  const pod = resourcesOf({ requests: { cpu: "3", "example.com/gpu": "5", "hugepages-2Mi": "2" } });
  expect(Object.fromEntries(whole({ containers, pod }, "requests"))).toEqual({
    cpu: bytes(3n),
    memory: bytes(1n),
    "example.com/gpu": bytes(1n),
    "hugepages-2Mi": bytes(2n),
  });
  expect(whole({ containers, pod: undefined }, "requests").get("cpu")).toBe(bytes(1n));
});
