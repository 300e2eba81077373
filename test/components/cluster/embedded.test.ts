import { embeddedFacts } from "../../../components/cluster/embedded.ts";
import { minorOf, racksOf } from "../../../components/cluster/facts.ts";
import { clusterFacts, withFacts } from "../../../embedded/kubeconfig.ts";
import { labCluster } from "../../../embedded/spec.ts";
import { clusterId, facts, kubeconfig } from "../../lib/stacks.ts";

test("reads the facts from the cluster's extension", () => {
  expect(embeddedFacts(kubeconfig(), "/cache/kubeconfig")).toEqual({ id: clusterId, ...facts });
});

test.each(["nodes", "simulated"] as const)("reads what the embedded cluster writes, with %s", (mode) => {
  const written = clusterFacts(labCluster(), "some-id", mode, "https://172.20.20.100:6443");
  const text = withFacts(kubeconfig(), "quintet", written);
  expect(embeddedFacts(text, "/cache/kubeconfig")).toEqual(written);
});

test.each([
  ["not YAML", "clusters: [", "it is not YAML: "],
  ["no cluster", "clusters: []", "kubeconfig.clusters: "],
  ["a kubeconfig from elsewhere", "clusters: [{cluster: {server: x}}]", "kubeconfig.clusters[0].cluster.extensions: "],
  [
    "no extension of ours",
    "clusters: [{cluster: {extensions: [{name: other, extension: {}}]}}]",
    "its cluster has no extension quintet.dev/cluster",
  ],
  ["a fact missing", kubeconfig({ ...facts, id: undefined }), "facts.id: expected string, but it is missing"],
  ["a fact unknown", kubeconfig({ ...facts, colour: "red" }), 'facts: has no key "colour", its keys are "id"'],
])("refuses %s, with the file, the problem and the way out", (_, text, problem) => {
  const read = () => embeddedFacts(text, "/cache/kubeconfig");
  expect(read).toThrow(
    "The kubeconfig /cache/kubeconfig is not one of an embedded cluster of this version of Quintet:",
  );
  expect(read).toThrow(`\n  ${problem}`);
  expect(read).toThrow("\nWrite it anew with `npm run cluster -- up`");
});

test("racks are counted once, and nodes need not have one", () => {
  expect(racksOf(facts)).toEqual(["rack-1", "rack-49", "rack-181"]);
  const [first] = facts.nodes;
  expect(racksOf({ ...facts, nodes: first === undefined ? [] : [{ ...first, rack: undefined }] })).toEqual([]);
});

test("the minor release of a version", () => {
  expect(["v1.36.3", "v1.35.0-rc.1+k3s1"].map(minorOf)).toEqual(["1.36", "1.35"]);
});
