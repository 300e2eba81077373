import { graphOf, type Half } from "../../components/connectivity-graph.ts";
import { connectivityPicture } from "../../components/connectivity-picture.ts";
import { ranges } from "../lib/topologies.ts";

const dns = { dns: { port: 53, protocol: "UDP" }, "dns-tcp": { port: 53 } } as const;
const shop: Half = {
  of: "shop",
  namespaces: { shop: { closed: "every-pod" }, "kube-system": { closed: "none" }, quiet: { closed: "every-pod" } },
  workloads: [
    { namespace: "shop", name: "web", labels: { app: "web" }, ports: { http: { port: 1323 } } },
    { namespace: "kube-system", name: "coredns", labels: { "k8s-app": "kube-dns" }, ports: dns },
  ],
  peers: { internet: { cidrs: ["192.0.2.0/24"] } },
  edges: [
    { from: "anyone", to: "shop/web", port: "http", why: "requests" },
    { from: "shop/web", to: "kube-system/coredns", port: "dns", why: "names" },
    { from: "shop/web", to: "kube-system/coredns", port: "dns-tcp", why: "names" },
    { from: "shop/*", to: "internet", port: "*", why: "updates" },
  ],
};

test("shows everybody with an edge in its namespace, and one arrow for all ports between two", () => {
  expect(connectivityPicture(graphOf(ranges, [shop]))).toBe(
    [
      "flowchart LR",
      '  n0(["anyone"])',
      '  n1(["internet"])',
      '  subgraph "kube-system (open)"',
      '    n2["coredns"]',
      "  end",
      '  subgraph "shop"',
      '    n3["every pod"]',
      '    n4["web"]',
      "  end",
      '  n0 -->|"1323/TCP"| n4',
      '  n4 -->|"53/TCP, 53/UDP"| n2',
      '  n3 -->|"every port"| n1',
    ].join("\n"),
  );
});
