import fc from "fast-check";
import { contentOf, isCutOff, manifestSchema } from "../../backup/snapshot.ts";

/** The length of an age file around that many bytes, by age-encryption.org/v1. */
const sealed = (header: number, plain: number) => header + 16 + plain + 16 * Math.max(1, Math.ceil(plain / 65_536));

const header = fc.integer({ min: 150, max: 2_000 });
const blocks = fc.integer({ min: 3, max: 1_000_000 });

test("no whole bundle counts as cut off", () => {
  fc.assert(
    fc.property(header, blocks, (length, count) => {
      expect(isCutOff({ size: sealed(length, count * 512), header: length })).toBe(false);
    }),
  );
});

test("whatever is cut off shows, but for one length in 512", () => {
  const seen = (size: number, length: number, cut: number) => isCutOff({ size: size - cut, header: length });
  const [length, size] = [200, sealed(200, 512 * 4_000)];
  const hidden = Array.from({ length: 65_536 }, (_, i) => i + 1).filter((cut) => !seen(size, length, cut));
  expect(hidden.length).toBeLessThanOrEqual(65_536 / 512);
  for (const cut of [1, 100, 511, 1_000_000, size - length, size - length - 16, size - length - 32]) {
    expect([cut, seen(size, length, cut)]).toEqual([cut, true]);
  }
  expect(isCutOff({ size: 100, header: undefined })).toBe(true);
});

const manifest = {
  format: 1,
  clusterId: "5b8082e9",
  etcdClusterId: "cdf818194e3a8c32",
  member: "qke-master",
  takenAt: "2026-11-21T21:59:00Z",
  revision: 1000,
  totalKeys: 900,
  dbSize: 4_000_000,
  sha256: "00",
  etcdVersion: "3.7.3",
  kubernetesVersion: "v1.36.3",
  reason: "schedule",
  recipients: ["age1"],
};

test("a manifest is what tools/etcd-backup writes, with room for what it may add", () => {
  expect(manifestSchema.parse({ ...manifest, directory: "/tmp/x" })).toEqual(manifest);
});

test("that of an export has objects instead of a database, and says what was left out", () => {
  const { etcdClusterId, member, etcdVersion, ...rest } = { ...manifest, format: 2, leftOut: ["/events"] };
  expect([etcdClusterId, member, etcdVersion]).not.toContain(undefined);
  expect(manifestSchema.parse(rest)).toEqual(rest);
  expect(manifestSchema.safeParse({ ...rest, format: 1 }).success).toBe(false);
  expect([contentOf({ format: 1 }), contentOf({ format: 2 })]).toEqual(["etcd.db", "objects.jsonl.gz"]);
});

test.each([
  ["format", 3],
  ["clusterId", ""],
  ["takenAt", "yesterday"],
  ["revision", 0],
  ["totalKeys", -1],
  ["reason", "boredom"],
])("a manifest with the %s %j is refused", (key, value) => {
  expect(manifestSchema.safeParse({ ...manifest, [key]: value }).success).toBe(false);
});
