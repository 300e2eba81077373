import { clusterFactsSchema } from "../../../components/cluster/facts.ts";
import { clusterHalf } from "../../../components/cluster/half.ts";
import { graphProblems } from "../../../components/connectivity-graph.ts";
import { clusterId, facts } from "../../lib/stacks.ts";

test("the lab's nodes are peers, and its control-plane nodes are the API server", () => {
  const half = clusterHalf(facts);
  expect(graphProblems(facts, [half])).toEqual([]);
  expect(half.namespaces).toEqual({ "kube-system": { closed: "none" } });
  expect(half.peers).toEqual({
    nodes: {
      cidrs: ["172.20.20.1/32", "172.20.20.11/32", "172.20.20.12/32", "172.20.20.51/32", "172.20.20.52/32"],
      ports: { kubelet: { port: 10250 } },
      amongPods: true,
    },
    "api-server": {
      cidrs: ["172.20.20.1/32", "172.20.20.11/32", "172.20.20.51/32"],
      ports: { https: { port: 6443 } },
      amongPods: true,
    },
  });
});

test("of kube-system at most the declared pods are closed", () => {
  expect(clusterHalf(facts, "workloads").namespaces).toEqual({ "kube-system": { closed: "workloads" } });
});

test("nodes that come and go are their networks", () => {
  expect(clusterHalf({ nodes: [], nodeRanges: ["10.64.0.0/19", "10.64.32.0/19"] }).peers).toEqual({
    nodes: { cidrs: ["10.64.0.0/19", "10.64.32.0/19"], ports: { kubelet: { port: 10250 } }, amongPods: true },
  });
});

test("the API server is where the facts say, when they do", () => {
  const apiServer = { cidrs: ["10.64.224.0/22"], port: 443 };
  expect(clusterHalf({ nodes: [], apiServer }).peers).toEqual({
    "api-server": { cidrs: ["10.64.224.0/22"], ports: { https: { port: 443 } }, amongPods: true },
  });
  expect(clusterHalf({ nodes: [] }).peers).toEqual({});
});

test.each([
  [{ cidrs: [], port: 443 }, ["cidrs"], "names no address, name one or leave the key out"],
  [{ cidrs: ["10.0.0.1/24"], port: 443 }, ["cidrs", 0], '"10.0.0.1/24" has host bits set, the network is 10.0.0.0/24'],
  [{ cidrs: ["10.0.0.0/24"], port: 0 }, ["port"], "must be a port from 1 to 65535"],
])("an API server at %j is refused", (apiServer, path, message) => {
  const { error } = clusterFactsSchema.safeParse({ ...facts, id: clusterId, apiServer });
  expect(error?.issues.map((issue) => [issue.path, issue.message])).toEqual([[["apiServer", ...path], message]]);
});
