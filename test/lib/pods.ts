/** Pods at random, as far as their QoS class goes: every side and amount that somebody may leave out or get wrong. */
import fc from "fast-check";

/** Amounts that are equal in other words, that are rounded, capped, zero, below zero, or none at all. */
const quantity = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom("100m", "0.1", "1", "1000m", "1e3", "1k", "64Mi", "67108864", "1Gi", "1024Mi"),
  },
  { weight: 2, arbitrary: fc.constantFrom("0", "0m", "0Mi", 0, "1n", "999u", "1m", "0.0005", ".5", "5.", "+1") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("-1", "-100m", "9Ei", "8Ei", "9223372036854775807Ki", "1e18", "10E", 1, 0.5),
  },
);

const name = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom("cpu", "memory") },
  { weight: 1, arbitrary: fc.constantFrom("hugepages-2Mi", "ephemeral-storage", "example.com/gpu") },
);

const amounts = fc.oneof(
  { weight: 4, arbitrary: fc.record({ cpu: quantity, memory: quantity }) },
  { weight: 1, arbitrary: fc.record({ cpu: fc.constant("100m"), memory: fc.constant("64Mi") }) },
  { weight: 2, arbitrary: fc.dictionary(name, quantity, { maxKeys: 3 }) },
);

/** Both sides at random, both the same, or one of them. */
const resources = fc.oneof(
  fc.record({ requests: amounts, limits: amounts }, { requiredKeys: [] }),
  amounts.map((both) => ({ requests: both, limits: both })),
  fc.constant({}),
);

const container = (more: Readonly<Record<string, fc.Arbitrary<unknown>>> = {}) =>
  fc.record({ name: fc.constant("c"), resources, ...more }, { requiredKeys: ["name"] });

/** Pod specs. */
export const anyPodSpecs = fc.record(
  {
    containers: fc.array(container(), { minLength: 1, maxLength: 3 }),
    initContainers: fc.array(container({ restartPolicy: fc.constant("Always") }), { maxLength: 2 }),
    ephemeralContainers: fc.constant([{ name: "shell" }]),
    resources,
  },
  { requiredKeys: ["containers"] },
);
