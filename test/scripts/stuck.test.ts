import {
  blockers,
  deafWebhooks,
  lingering,
  namespacesSchema,
  objectsSchema,
  slicesSchema,
  webhooksSchema,
} from "../../scripts/stuck.ts";

const now = Date.parse("2026-11-22T03:02:00Z");

test("a namespace lingers when it was told to go that long ago", () => {
  const list = namespacesSchema.parse({
    items: [
      { metadata: { name: "stays" } },
      { metadata: { name: "late", deletionTimestamp: "2026-11-22T03:00:00Z" } },
      { metadata: { name: "fresh", deletionTimestamp: "2026-11-22T03:01:50Z" } },
    ],
  });
  expect(lingering(list, now, 60_000)).toEqual([{ name: "late", since: 120_000 }]);
  expect(lingering(list, now, 0).map(({ name }) => name)).toEqual(["late", "fresh"]);
});

test("what keeps it is said by its name and finalizers, with what to type", () => {
  const object = (name: string, metadata: object) => ({
    apiVersion: "example.dev/v1",
    kind: "Thing",
    metadata: { name, ...metadata },
  });
  const gone = { deletionTimestamp: "2026-11-22T03:00:00Z" };
  const { items } = objectsSchema.parse({
    items: [
      object("held", { ...gone, finalizers: ["example.dev/never"] }),
      object("slow", gone),
      object("guarded", { finalizers: ["example.dev/never"] }),
    ],
  });
  expect(blockers("shop", items)).toEqual([
    "Namespace shop can't go: Thing held is kept by example.dev/never. Whose that is has to run to take it away; " +
      `only when it never will: kubectl patch thing.v1.example.dev held -n shop --type=merge -p '{"metadata":{"finalizers":null}}'`,
  ]);
});

describe("a webhook", () => {
  const told = (webhook: object, endpoints: object[] | null) =>
    deafWebhooks(
      webhooksSchema.parse({
        items: [
          {
            kind: "ValidatingWebhookConfiguration",
            metadata: { name: "guard" },
            webhooks: [{ name: "guard.example.dev", ...webhook }],
          },
        ],
      }),
      slicesSchema.parse({
        items: [
          { metadata: { name: "a-1", namespace: "guard", labels: { "kubernetes.io/service-name": "a" } }, endpoints },
        ],
      }),
    );
  const service = { clientConfig: { service: { name: "a", namespace: "guard" } } };

  test.each([
    { with: "no endpoint", endpoints: null, count: 1 },
    { with: "none that is ready", endpoints: [{ conditions: { ready: false } }], count: 1 },
    {
      with: "one that is ready",
      endpoints: [{ conditions: { ready: false } }, { conditions: { ready: true } }],
      count: 0,
    },
    { with: "one that does not say", endpoints: [{}], count: 0 },
  ])("that fails closed with $with is told $count times", ({ endpoints, count }) => {
    expect(told({ failurePolicy: "Fail", ...service }, endpoints)).toHaveLength(count);
  });

  test("that fails open, or is no Service, keeps nobody from anything that is seen here", () => {
    expect(told({ failurePolicy: "Ignore", ...service }, null)).toEqual([]);
    expect(told({ failurePolicy: "Fail", clientConfig: { url: "https://192.0.2.1" } }, null)).toEqual([]);
  });

  test("is told by its name, its configuration and its Service", () => {
    expect(told(service, null)[0]).toMatch(
      /^The webhook guard\.example\.dev of ValidatingWebhookConfiguration guard .* Service guard\/a is ready\. .*-n guard$/,
    );
  });
});
