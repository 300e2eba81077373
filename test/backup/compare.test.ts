import fc from "fast-check";
import { compare, type Comparison, type Entry, type Finding, type History, unexplained } from "../../backup/compare.ts";

const revision = 1000;
const takenAt = "2026-11-21T12:00:00Z";

const entry = (given: Partial<Entry> = {}): Entry => ({
  resource: "/configmaps",
  namespace: "shop",
  name: "one",
  uid: "u1",
  resourceVersion: 500,
  created: "2026-11-20T12:00:00Z",
  deleting: false,
  owners: [],
  digest: "d",
  ...given,
});

/** The namespace of what is compared: on both sides, and older than the snapshot. */
const shop = entry({ resource: "/namespaces", namespace: "", name: "shop", uid: "shop", resourceVersion: 10 });

const given = (snapshot: readonly Entry[], live: readonly Entry[], more: Partial<Comparison> = {}): Comparison => ({
  snapshot: [shop, ...snapshot],
  live: [shop, ...live],
  revision,
  takenAt,
  redefined: new Set(),
  unserved: new Set(),
  ...more,
});

/** What was found beside the namespace. */
const found = (comparison: Comparison): Finding[] =>
  Object.entries(compare(comparison).counts).flatMap(([finding, count]) =>
    Array.from({ length: count - (finding === "equal" ? 1 : 0) }, () => finding as Finding),
  );

const whole = (...deleted: string[]): ReadonlyMap<string, History> =>
  new Map([["/configmaps", { kind: "whole", deleted: new Set(deleted) }]]);

describe("an object on both sides", () => {
  const since = { resourceVersion: 1001, digest: "e" };
  const anew = { uid: "u2", resourceVersion: 1001, created: "2026-11-21T12:00:01Z" };
  test.each<[string, Partial<Entry>, Finding]>([
    ["the same", {}, "equal"],
    ["written after the snapshot", since, "changed"],
    ["of the same version with another content", { digest: "e" }, "differs"],
    ["written before the snapshot, which has an older version", { resourceVersion: 1000, digest: "e" }, "differs"],
    ["of an older version than in the snapshot", { resourceVersion: 400 }, "differs"],
    ["made anew after the snapshot", anew, "changed"],
    ["made anew by a clock that is 5 s late", { ...anew, created: "2026-11-21T11:59:55Z" }, "changed"],
    ["another one that is older than the snapshot", { uid: "u2" }, "differs"],
    ["another one, written since, made long before", { ...anew, created: "2026-11-21T11:00:00Z" }, "differs"],
  ])("%s", (_, live, finding) => {
    expect(found(given([entry()], [entry(live)]))).toEqual([finding]);
  });

  test("reads otherwise under a definition that was changed since", () => {
    const redefined = new Set(["/configmaps"]);
    expect(found(given([entry()], [entry({ digest: "e" })], { redefined }))).toEqual(["equal"]);
    expect(found(given([entry()], [entry({ uid: "u2" })], { redefined }))).toEqual(["differs"]);
  });
});

describe("an object that the snapshot has not", () => {
  test.each<[string, Partial<Entry>, Finding]>([
    ["made since", { resourceVersion: 1001, created: "2026-11-21T12:10:00Z" }, "created"],
    ["older than the snapshot", {}, "missing"],
    ["of the snapshot's own revision", { resourceVersion: 1000, created: takenAt }, "missing"],
    ["made before and written since", { resourceVersion: 1001 }, "missing"],
  ])("%s", (_, live, finding) => {
    expect(found(given([], [entry(live)]))).toEqual([finding]);
  });
});

describe("an object that is not there any more", () => {
  test.each<[string, Partial<Entry>, Finding]>([
    ["an event", { resource: "/events" }, "deleted"],
    ["a lease", { resource: "coordination.k8s.io/leases" }, "deleted"],
    ["being deleted then", { deleting: true }, "deleted"],
    ["its owner is gone", { owners: ["nobody"] }, "deleted"],
    ["of a namespace that is gone", { namespace: "gone" }, "deleted"],
    ["in no namespace", { namespace: "" }, "unproven"],
    ["without any trace", {}, "unproven"],
  ])("%s", (_, gone, finding) => {
    expect(found(given([entry(gone)], []))).toEqual([finding]);
  });

  test("of a kind whose definition is gone", () => {
    expect(found(given([entry()], [], { unserved: new Set(["/configmaps"]) }))).toEqual(["deleted"]);
  });

  test("its owner was written since, or not", () => {
    const gone = entry({ owners: ["o"] });
    const owner = entry({ uid: "o", name: "owner" });
    expect(found(given([gone, owner], [{ ...owner, resourceVersion: 1001 }]))).toEqual(["changed", "deleted"]);
    expect(found(given([gone, owner], [owner]))).toEqual(["equal", "unproven"]);
  });

  test("its namespace was written since, as at its own deletion", () => {
    const comparison = given([entry()], []);
    expect(found({ ...comparison, live: [{ ...shop, resourceVersion: 1001 }] })).toEqual(["changed", "deleted"].sort());
  });

  test("history decides, where the API server remembers", () => {
    expect([...unexplained(given([entry()], []))]).toEqual(["/configmaps"]);
    expect(found(given([entry()], [], { histories: whole("u1") }))).toEqual(["deleted"]);
    expect(found(given([entry()], [], { histories: whole("u2") }))).toEqual(["vanished"]);
    const forgotten = new Map<string, History>([["/configmaps", { kind: "forgotten" }]]);
    expect(found(given([entry()], [], { histories: forgotten }))).toEqual(["unproven"]);
  });

  test("history is asked of nothing that explains itself", () => {
    const gone = [entry({ resource: "/events" }), entry({ resource: "/pods", owners: ["nobody"] })];
    expect([...unexplained(given(gone, []))]).toEqual([]);
  });
});

test("faults are named, twenty of each at most", () => {
  const many = Array.from({ length: 30 }, (_, i) =>
    entry({ name: `n${String(i).padStart(2, "0")}`, uid: `u${String(i)}` }),
  );
  const { counts, examples } = compare(given([], many));
  expect(counts.missing).toBe(30);
  expect(examples.missing).toHaveLength(20);
  expect(examples.missing?.[0]).toBe("/configmaps shop/n00");
});

const entries = fc
  .uniqueArray(
    fc.record({
      name: fc.integer({ min: 0, max: 40 }),
      version: fc.integer({ min: 1, max: revision }),
      digest: fc.constantFrom("a", "b"),
    }),
    { selector: ({ name }) => name },
  )
  .map((all) =>
    all.map(({ name, version, digest }) =>
      entry({ name: `n${String(name)}`, uid: `u${String(name)}`, resourceVersion: version, digest }),
    ),
  );

test("a cluster is equal to its own snapshot, and each object counts once", () => {
  fc.assert(
    fc.property(entries, (all) => {
      expect(found(given(all, all))).toEqual(all.map(() => "equal"));
    }),
  );
});

test("whichever object is dropped from a snapshot is missing, and no other", () => {
  fc.assert(
    fc.property(entries, fc.nat(), (all, index) => {
      const dropped = all[index % Math.max(1, all.length)];
      fc.pre(dropped !== undefined);
      const { counts, examples } = compare(
        given(
          all.filter((one) => one !== dropped),
          all,
        ),
      );
      expect(counts).toMatchObject({ missing: 1, differs: 0, vanished: 0, equal: all.length });
      expect(examples.missing).toEqual([`/configmaps shop/${dropped.name}`]);
    }),
  );
});

test("whatever was written, made and deleted since a snapshot is no fault", () => {
  const step = fc.constantFrom("write" as const, "delete" as const, "keep" as const, "anew" as const);
  fc.assert(
    fc.property(entries, fc.array(step, { minLength: 41, maxLength: 41 }), (all, steps) => {
      const now = "2026-11-21T12:30:00Z";
      const deleted: string[] = [];
      const live = all.flatMap((one, i) => {
        const what = steps[i % steps.length] ?? "keep";
        if (what === "keep") return [one];
        if (what === "write") return [{ ...one, resourceVersion: revision + 1 + i, digest: "c" }];
        deleted.push(one.uid);
        return what === "delete"
          ? []
          : [{ ...one, uid: `again-${one.uid}`, resourceVersion: revision + 1 + i, created: now }];
      });
      const created = entry({ name: "new", uid: "new", resourceVersion: revision + 99, created: now });
      const { counts } = compare(given(all, [...live, created], { histories: whole(...deleted) }));
      expect(counts).toMatchObject({ missing: 0, differs: 0, vanished: 0, unproven: 0, created: 1 });
      expect(counts.equal + counts.changed + counts.deleted).toBe(all.length + 1);
    }),
  );
});
