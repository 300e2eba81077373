import { s3Port } from "../../embedded/backups.ts";
import { mirrorPort } from "../../embedded/mirror.ts";
import { hostInterface, isolationRules, nodeNamespace, switchPort } from "../../embedded/network.ts";
import { defaults, labCluster, nodeNamed } from "../../embedded/spec.ts";

const spec = labCluster();

test("this machine forwards nothing from or to the cluster, whatever other rules say", () => {
  const forward = /chain forward \{([^}]*)\}/.exec(isolationRules(spec))?.[1] ?? "";
  expect(forward).toContain(`iifname "${hostInterface(spec)}" counter drop`);
  expect(forward).toContain(`oifname "${hostInterface(spec)}" counter drop`);
  expect(forward).toContain("priority -300");
});

test("nodes may reach the image mirror, nodes and pods the S3 service, and both nothing else of this machine", () => {
  const input = /chain from_cluster \{([^}]*)\}/.exec(isolationRules(spec))?.[1]?.trim().split("\n") ?? [];
  expect(input.map((line) => line.trim())).toEqual([
    "ct state established,related accept",
    `ip saddr 172.20.20.0/24 tcp dport ${String(mirrorPort)} accept`,
    `ip saddr 172.20.20.0/24 tcp dport ${String(s3Port)} accept`,
    `ip saddr 10.42.0.0/16 tcp dport ${String(s3Port)} accept`,
    "icmp type echo-request accept",
    "counter drop",
  ]);
});

test("loading the rules again replaces them", () => {
  expect(isolationRules(spec)).toMatch(/^table inet (\S+)\ndelete table inet \1\ntable inet \1 \{/);
});

test("two clusters share no name on this machine", () => {
  const other = labCluster({ ...defaults, name: "other", subnet: "172.20.30.0/24" });
  const node = nodeNamed(spec, "qke-master");
  expect(hostInterface(other)).not.toBe(hostInterface(spec));
  expect(nodeNamespace(other, node)).not.toBe(nodeNamespace(spec, node));
  expect(isolationRules(other)).not.toContain(hostInterface(spec));
});

test("every node has a port of the switch of its own, also when its description was read anew", () => {
  const readAnew = structuredClone(spec.nodes);
  expect(readAnew.map((node) => switchPort(spec, node))).toEqual(["p1", "p2", "p3", "p4", "p5"]);
  expect(() => switchPort(spec, { ...nodeNamed(spec, "qke-master"), name: "stranger" })).toThrow(
    "Cluster quintet has no node stranger.",
  );
});
