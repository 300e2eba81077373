import { alone, hashedName, inPlace } from "../../components/workload-plan.ts";

const labels = { app: "web" };

test("another content is another name, and the same is the same again", () => {
  expect(hashedName("web", "one")).toMatch(/^web-[0-9a-f]{8}$/);
  expect(hashedName("web", "one")).toBe(hashedName("web", "one"));
  expect(hashedName("web", "two")).not.toBe(hashedName("web", "one"));
});

test("what keeps all it has itself is ended before the next one is made, and rolled by its annotations", () => {
  const plain = alone("web", labels, {});
  expect(plain.spec).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
  expect(plain.spec.template.metadata).toEqual({ labels });
  const annotations = { "quintet.dev/files": "1" };
  expect(alone("web", labels, {}, annotations).spec.template.metadata).toEqual({ labels, annotations });
});

test("a single pod may be evicted, and of several all but one stay", () => {
  const budget = (replicas: number) => inPlace("web", labels, replicas, {}, {}).podDisruptionBudget.spec;
  expect(budget(1)).toEqual({ selector: { matchLabels: labels }, maxUnavailable: 1 });
  expect(budget(3)).toEqual({ selector: { matchLabels: labels }, minAvailable: "66%" });
});
