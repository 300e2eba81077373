import { parse } from "yaml";
import { upgraded, withNewCertificates, withNode, withNodeAnew, withoutNode } from "../../scripts/k3s-edits.ts";

const text = `config:
  # The lab.
  quintet:cluster:
    kind: k3s
    version: v1.35.2+k3s1 # since spring
    sha256: ${"0".repeat(64)}
    nodes:
      - name: one
        address: 10.0.0.1 # rack one
      - name: two
        address: 10.0.0.2
      - name: three
        address: 10.0.0.3
`;
const clusterOf = (file: string) =>
  (parse(file) as { config: Record<string, Record<string, unknown>> }).config["quintet:cluster"];
const names = (file: string) => (clusterOf(file)?.["nodes"] as { name: string }[]).map(({ name }) => name);
const sum = "a".repeat(64);

test("an upgrade changes the release and its checksum, and no comment", () => {
  const file = upgraded(text, "v1.36.3+k3s1", sum);
  expect(clusterOf(file)).toMatchObject({ version: "v1.36.3+k3s1", sha256: sum });
  expect(file).toBe(text.replace("v1.35.2+k3s1", "v1.36.3+k3s1").replace("0".repeat(64), sum));
});

test.each([
  ["v1.34.9+k3s1", "would go back"],
  ["v1.37.0+k3s1", "skip a minor release. Upgrade to 1.36 first"],
])("an upgrade to %s is refused", (version, problem) => {
  expect(() => upgraded(text, version, sum)).toThrow(problem);
});

test("certificates get one more generation each time", () => {
  const once = withNewCertificates(text);
  expect(clusterOf(once)).toMatchObject({ certificateGeneration: 1 });
  expect(clusterOf(withNewCertificates(once))).toMatchObject({ certificateGeneration: 2 });
});

test("a node is added at the end and taken out of the middle, and the others stay as they are written", () => {
  const node = { name: "four", address: "10.0.0.4", rack: "r", role: "agent", hostKey: "ssh-ed25519 AAAA" };
  expect(names(withNode(text, node))).toEqual(["one", "two", "three", "four"]);
  const left = withoutNode(text, "two");
  expect(names(left)).toEqual(["one", "three"]);
  expect(left).toContain("address: 10.0.0.1 # rack one");
});

test("a node that is there is not added, and one that is not there is not removed", () => {
  const node = { name: "two", address: "10.0.0.9", rack: "r", role: "agent", hostKey: "ssh-ed25519 AAAA" };
  expect(() => withNode(text, node)).toThrow("There is a node two already.");
  expect(() => withoutNode(text, "nine")).toThrow("There is no node nine, the nodes are one, two, three.");
});

test("a node is made anew by one more generation, and on another machine by its host key", () => {
  const nodes = (file: string) => clusterOf(file)?.["nodes"];
  const once = withNodeAnew(text, "two");
  expect(nodes(once)).toEqual([
    { name: "one", address: "10.0.0.1" },
    { name: "two", address: "10.0.0.2", generation: 1 },
    { name: "three", address: "10.0.0.3" },
  ]);
  expect(nodes(withNodeAnew(once, "two", "ssh-ed25519 BBBB"))).toMatchObject([
    {},
    { generation: 2, hostKey: "ssh-ed25519 BBBB" },
    {},
  ]);
  expect(() => withNodeAnew(text, "nine")).toThrow("There is no node nine");
});

test("another kind of cluster is left alone", () => {
  expect(() => withNewCertificates(text.replace("kind: k3s", "kind: eks"))).toThrow("is not of kind k3s");
});
