import {
  type Edge,
  graphOf,
  graphProblems,
  type Half,
  type Peer,
  vertexOf,
  type Workload,
} from "../../components/connectivity-graph.ts";
import { ranges } from "../lib/topologies.ts";

const web: Workload = { namespace: "shop", name: "web", labels: { app: "web" }, ports: { http: { port: 1323 } } };
const gateway: Workload = { namespace: "gateway", name: "gateway", labels: { app: "gateway" } };
const internet: Peer = { cidrs: ["0.0.0.0/0"], except: ["10.42.0.0/16", "10.43.0.0/16"] };
const call: Edge = { from: "gateway/gateway", to: "shop/web", port: "http", why: "requests" };
const shop: Half = {
  of: "shop",
  namespaces: { shop: { closed: "every-pod" }, gateway: { closed: "every-pod" } },
  workloads: [web, gateway],
  peers: { internet },
  edges: [call],
};

/** The problems of the shop with something else in it. */
const problems = (more: Partial<Half>, ...others: Half[]) =>
  graphProblems(ranges, [{ ...shop, ...more }, ...others]).map(([path, problem]) => `${path.join(".")}: ${problem}`);
const ofWorkload = (more: Partial<Workload>) => problems({ workloads: [{ ...web, ...more }, gateway] });
const ofPeer = (more: Partial<Peer>) => problems({ peers: { internet: { ...internet, ...more } } });
const ofEdge = (more: Partial<Edge>) => problems({ edges: [{ ...call, ...more }] });

test("a sound graph has no problems", () => {
  expect(problems({})).toEqual([]);
  expect(ofEdge({ from: "anyone" })).toEqual([]);
  expect(ofEdge({ from: "shop/*", to: "internet", port: "443/TCP" })).toEqual([]);
  expect(ofEdge({ from: "internet", to: "shop/*", port: "*" })).toEqual([]);
  expect(ofWorkload({ labels: { app: "web", tier: "front" }, selector: { app: "web" } })).toEqual([]);
});

describe("a workload", () => {
  test.each<[string, Partial<Workload>, string]>([
    [
      "in no namespace",
      { namespace: "store" },
      "shop.workloads.0.namespace: there is no namespace store, the namespaces are gateway, shop",
    ],
    [
      "whose selector picks nothing",
      { selector: { app: "wbe" } },
      "shop.workloads.0.selector: app=wbe picks none of its own pods, which carry app=web",
    ],
    [
      "whose selector picks everything",
      { selector: {} },
      "shop.workloads.0.selector: picks every pod of the namespace, write shop/* where that is meant",
    ],
    [
      "with a port that is none",
      { ports: { http: { port: 65536 } } },
      "shop.workloads.0.ports.http: 65536 is not a port from 1 to 65535",
    ],
    [
      "with a name of a port that is a number",
      { ports: { http: { port: 80 }, "8080": { port: 8080 } } },
      'shop.workloads.0.ports.8080: is no name of a port: 1 to 15 of a-z, 0-9 and "-", with a letter, and no "-" at an end or after another',
    ],
    [
      "with two names for one port",
      { ports: { http: { port: 80 }, web: { port: 80, protocol: "TCP" } } },
      "shop.workloads.0.ports.web: is 80/TCP, as http is: a port has one name",
    ],
  ])("%s", (_name, more, problem) => {
    expect(ofWorkload(more)).toContain(problem);
  });

  test("whose selector picks another's pods, from both sides", () => {
    const both = { app: "web", tier: "front" };
    const canary: Workload = { namespace: "shop", name: "canary", labels: both };
    expect(problems({ workloads: [web, gateway, canary] })).toEqual([
      "shop.workloads.0.selector: app=web also picks the pods of shop/canary, add a label that they lack",
    ]);
    expect(problems({ workloads: [web, gateway, { ...canary, labels: web.labels }] })).toEqual([
      "shop.workloads.0.selector: app=web also picks the pods of shop/canary, add a label that they lack",
      "shop.workloads.2.selector: app=web also picks the pods of shop/web, add a label that they lack",
    ]);
    expect(problems({ workloads: [web, gateway, { ...canary, namespace: "gateway" }] })).toEqual([]);
  });
});

describe("a peer", () => {
  test.each<[string, Partial<Peer>, string]>([
    ["without an address", { cidrs: [], except: [] }, "shop.peers.internet.cidrs: has no address"],
    [
      "that is no network",
      { cidrs: ["example.com"], except: [] },
      'shop.peers.internet.cidrs.0: "example.com" is not an IPv4 network without host bits, like 192.0.2.0/24',
    ],
    [
      "with host bits",
      { cidrs: ["192.0.2.1/24"], except: [] },
      'shop.peers.internet.cidrs.0: "192.0.2.1/24" is not an IPv4 network without host bits, like 192.0.2.0/24',
    ],
    [
      "without what is not in it",
      { cidrs: ["192.0.2.0/24"], except: ["198.51.100.0/24"] },
      "shop.peers.internet.except.0: 198.51.100.0/24 is no part of 192.0.2.0/24, so it excepts nothing",
    ],
    [
      "without all of it",
      { cidrs: ["192.0.2.0/24"], except: ["192.0.2.0/24"] },
      "shop.peers.internet.except.0: 192.0.2.0/24 is no part of 192.0.2.0/24, so it excepts nothing",
    ],
    [
      "that spans Services",
      { except: ["10.42.0.0/16"] },
      "shop.peers.internet.cidrs.0: 0.0.0.0/0 shares addresses with the cluster's Services 10.43.0.0/16, which an address does not reliably match: except them, and name pods by their workload",
    ],
    [
      "among pods",
      { cidrs: ["10.42.7.0/24"], except: [] },
      "shop.peers.internet.cidrs.0: 10.42.7.0/24 shares addresses with the cluster's pods 10.42.0.0/16, which an address does not reliably match: except them, and name pods by their workload",
    ],
    [
      "with a port that is none",
      { ports: { https: { port: 0 } } },
      "shop.peers.internet.ports.https: 0 is not a port from 1 to 65535",
    ],
  ])("%s", (_name, more, problem) => {
    expect(ofPeer(more)).toEqual([problem]);
  });

  test("may be among pods when it says so", () => {
    expect(ofPeer({ cidrs: ["10.42.7.0/24"], except: [], amongPods: true })).toEqual([]);
  });

  test.each(["anyone", "shop/web"])("called %s, as others are", (name) => {
    expect(problems({ peers: { [name]: internet } })).toContain(
      `shop.peers.${name}: cannot be called ${name}: that stands for somebody else in an edge`,
    );
  });
});

describe("an edge", () => {
  test.each<[string, Partial<Edge>, string]>([
    [
      "to no workload",
      { to: "shop/wbe" },
      "shop.edges.0.to: there is no workload shop/wbe, the workloads there are web",
    ],
    [
      "across to no namespace",
      { to: "store/web" },
      "shop.edges.0.to: there is no namespace store, the namespaces are gateway, shop",
    ],
    [
      "from every pod of no namespace",
      { from: "store/*" },
      "shop.edges.0.from: there is no namespace store, the namespaces are gateway, shop",
    ],
    ["from no peer", { from: "intranet" }, "shop.edges.0.from: there is no peer intranet, the peers are internet"],
    ["on no port of the called", { port: "https" }, "shop.edges.0.port: shop/web has no port https, name http"],
    ["on any port of a known workload", { port: "*" }, "shop.edges.0.port: shop/web has no port *, name http"],
    [
      "on a port of a workload that has none",
      { to: "gateway/gateway" },
      "shop.edges.0.port: gateway/gateway has no port http, and no other either",
    ],
    [
      "on a port that is none",
      { to: "internet", port: "70000/TCP" },
      "shop.edges.0.port: internet has no port 70000/TCP, name any like 8080/TCP, * for all",
    ],
    [
      "on a protocol that is none",
      { to: "shop/*", port: "80/HTTP" },
      "shop.edges.0.port: shop/* has no port 80/HTTP, name any like 8080/TCP, * for all",
    ],
    [
      "to anyone",
      { to: "anyone" },
      "shop.edges.0.to: is anyone, which is a way to be called and not to call: name a peer",
    ],
    ["without a reason", { why: " " }, "shop.edges.0.why: is empty: say what breaks without the edge"],
    [
      "between two that are no pods",
      { from: "internet", to: "internet", port: "80/TCP" },
      "shop.edges.0: neither internet nor internet is a pod, so no policy binds either",
    ],
    [
      "from anyone to one that is no pod",
      { from: "anyone", to: "internet", port: "80/TCP" },
      "shop.edges.0: neither anyone nor internet is a pod, so no policy binds either",
    ],
  ])("%s", (_name, more, problem) => {
    expect(ofEdge(more)).toEqual([problem]);
  });
});

describe("an edge into the mesh", () => {
  const meshed = { closed: "every-pod", meshed: "closed" } as const;
  const front: Workload = { ...gateway, ports: { https: { port: 8443 } }, gateway: true };
  const job: Workload = { namespace: "shop", name: "job", labels: { app: "job" }, serviceAccount: "web" };
  const into = (edge: Partial<Edge>, more: Partial<Half> = {}) =>
    problems({ namespaces: { ...shop.namespaces, shop: meshed }, edges: [{ ...call, ...edge }], ...more });

  test("from a pod outside of it opens a port of a workload, and of no others", () => {
    expect(into({})).toEqual([]);
    expect(into({ from: "anyone" })).toEqual([]);
    for (const from of ["gateway/gateway", "gateway/*", "internet", "anyone"]) {
      expect(into({ from, to: "shop/*", port: "80/TCP" })).toEqual([
        `shop.edges.0.from: ${from} has no identity in the mesh, and shop/* are in it: put ${from} there, too, or name the workload whose port is open to it`,
      ]);
      for (const port of ["53/UDP", "15090/TCP"]) expect(into({ from, to: "shop/*", port })).toEqual([]);
    }
  });

  test("from a workload in it needs an account that no other caller has", () => {
    const from = { from: "shop/web", to: "shop/web" };
    expect(into(from)).toEqual([
      "shop.edges.0.from: shop/web has no service account, by which shop/web could tell it from others: name it",
    ]);
    const named = { workloads: [{ ...web, serviceAccount: "web" }, gateway] };
    expect(into(from, named)).toEqual([]);
    const shared = { workloads: [...named.workloads, job] };
    expect(into(from, shared)).toEqual([
      "shop.edges.0.from: shop/web runs under the account web, as shop/job does, which may not call shop/web on http: give each an account of its own",
    ]);
    for (const other of ["shop/job", "shop/*", "anyone"]) {
      expect(
        into(
          {},
          {
            ...shared,
            edges: [
              { ...call, ...from },
              { ...call, from: other },
            ],
          },
        ),
      ).toEqual([]);
    }
  });

  test("through a gateway has no identity at its end", () => {
    const namespaces = { shop: meshed, gateway: meshed };
    const workloads = [web, front];
    expect(into({ from: "shop/web", to: "gateway/gateway", port: "https" }, { namespaces, workloads })).toEqual([]);
    expect(into({ from: "shop/*", to: "gateway/*", port: "*" }, { namespaces, workloads })).toEqual([
      "shop.edges.0.to: gateway/* has in it the gateway gateway/gateway, which knows no identities: name who is called",
    ]);
  });
});

test("what two say, or one twice", () => {
  const again: Half = { ...shop, of: "again" };
  expect(problems({}, again)).toEqual([
    "again.namespaces.shop: the namespace shop is there already, by shop: say it once",
    "again.namespaces.gateway: the namespace gateway is there already, by shop: say it once",
    "again.workloads.0: the workload shop/web is there already, by shop: say it once",
    "again.workloads.1: the workload gateway/gateway is there already, by shop: say it once",
    "again.peers.internet: the peer internet is there already, by shop: say it once",
    "again.edges.0: the edge from gateway/gateway to shop/web on http is there already, by shop: say it once",
  ]);
  expect(problems({ edges: [call, call] })).toEqual([
    "shop.edges.1: the edge from gateway/gateway to shop/web on http is there already, by shop: say it once",
  ]);
});

test("an unsound graph is not made", () => {
  const edges = [
    { ...call, to: "shop/wbe" },
    { ...call, why: "" },
  ];
  expect(() => graphOf(ranges, [{ ...shop, edges }])).toThrow(
    new Error(
      [
        "The connectivity graph is refused:",
        "  shop.edges[0].to: there is no workload shop/wbe, the workloads there are web",
        "  shop.edges[1].why: is empty: say what breaks without the edge",
      ].join("\n"),
    ),
  );
});

test("an end is what it is written as, and nothing that every object has", () => {
  const graph = graphOf(ranges, [shop]);
  expect(vertexOf(graph, "shop/web")).toEqual({ kind: "workload", workload: web });
  expect(vertexOf(graph, "shop/*")).toEqual({ kind: "namespace", namespace: "shop" });
  expect(vertexOf(graph, "internet")).toEqual({ kind: "peer", peer: internet });
  expect(vertexOf(graph, "anyone")).toEqual({ kind: "anyone" });
  for (const ref of ["constructor", "toString/*", "shop", "shop/db"]) expect(vertexOf(graph, ref)).toBeUndefined();
});
