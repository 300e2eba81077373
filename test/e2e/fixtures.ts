/** What the tests put into a cluster, and beside it, to see what gets through. */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { inNamespace, nodeNamespace, switchNamespace } from "../../embedded/network.ts";
import { run, until } from "../../embedded/run.ts";
import type { ClusterSpec } from "../../embedded/spec.ts";
import { toolPath } from "../../toolchain/index.ts";
import { versions } from "../../versions.ts";

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  });
}

/**
 * Gives this machine an uplink of the test's own, with forwarding on: an interface into a namespace that belongs to
 * nobody else. `received` counts the packets that came out there.
 */
export async function withUplink(
  work: (address: string, received: () => Promise<number>) => Promise<void>,
): Promise<void> {
  const [ns, link, address] = ["quintet-uplink", "qtuplink", "198.51.100.2"]; // TEST-NET-2 (RFC 5737)
  const forward = "/proc/sys/net/ipv4/ip_forward";
  const forwarding = readFileSync(forward, "utf8");
  try {
    await run("ip", ["netns", "add", ns]);
    await run("ip", ["link", "add", link, "type", "veth", "peer", "name", "up0", "netns", ns]);
    for (const end of [[link], ["-n", ns, "up0"]]) {
      const at = end.slice(0, -1);
      await run("ip", [...at, "link", "set", end.at(-1) ?? "", "addrgenmode", "none"]); // no IPv6 chatter
      await run("ip", [...at, "link", "set", end.at(-1) ?? "", "up"]);
    }
    await run("ip", ["address", "add", "198.51.100.1/24", "dev", link]);
    await run("ip", ["-n", ns, "address", "add", `${address}/24`, "dev", "up0"]);
    writeFileSync(forward, "1");
    await sleep(500);
    await work(address, async () => {
      const [stats] = JSON.parse(await run("ip", ["-n", ns, "-json", "-stats", "link", "show", "up0"])) as [
        { stats64: { rx: { packets: number } } },
      ]; // iproute2's own
      return stats.stats64.rx.packets;
    });
  } finally {
    writeFileSync(forward, forwarding);
    await execa("ip", ["link", "delete", link], { reject: false });
    await execa("ip", ["netns", "delete", ns], { reject: false });
  }
}

/**
 * Gives the cluster an outside of the test's own: a machine on its switch, with addresses that nobody on the cluster has
 * (TEST-NET-3, RFC 5737), to which the nodes get a way.
 */
export async function withOutside(
  spec: ClusterSpec,
  podCidrs: ReadonlyMap<string, string>,
  work: (network: string) => Promise<void>,
): Promise<void> {
  const [ns, port, net] = ["quintet-outside", "outside", "203.0.113.0/24"];
  const gateway = spec.hostAddress.replace(/\d+$/, "253");
  const nodes = spec.nodes.map((node) => ({ node, at: ["-n", nodeNamespace(spec, node)] }));
  let nameServer: { readonly ended: Promise<unknown>; readonly end: () => void } | undefined;
  try {
    await run("ip", ["netns", "add", ns]);
    // Always the same hardware address, which nodes remember from one time to the next.
    const peer = ["type", "veth", "peer", "name", "eth0", "address", "02:51:54:00:00:fd", "netns", ns];
    await run("ip", ["-n", switchNamespace(spec), "link", "add", port, ...peer]);
    await run("ip", ["-n", switchNamespace(spec), "link", "set", port, "master", "br0", "up"]);
    await run("ip", ["-n", ns, "address", "add", `${gateway}/24`, "dev", "eth0"]);
    for (const address of Object.values(outside))
      await run("ip", ["-n", ns, "address", "add", `${address}/32`, "dev", "lo"]);
    for (const link of ["lo", "eth0"]) await run("ip", ["-n", ns, "link", "set", link, "up"]);
    for (const { node, at } of nodes) {
      await run("ip", [...at, "route", "add", net, "via", gateway, "dev", "eth0"]);
      const range = podCidrs.get(node.name) ?? "";
      await run("ip", ["-n", ns, "route", "add", range, "via", node.address, "src", outside.declared]);
    }
    const inside = [`--net=/run/netns/${ns}`, toolPath("coredns"), "-conf", "stdin"];
    const child = execa("nsenter", inside, { input: corporateDomain, reject: false });
    nameServer = { ended: child, end: () => child.kill("SIGKILL") };
    await until("the name server outside to listen", 10_000, async () =>
      /[:*]53 /.test(await inNamespace(ns, ["ss", "-Hlun"])),
    );
    await work(`/run/netns/${ns}`);
  } finally {
    nameServer?.end();
    await nameServer?.ended;
    for (const { at } of nodes) await execa("ip", [...at, "route", "delete", net], { reject: false });
    await execa("ip", ["netns", "delete", ns], { reject: false }); // takes the port along
  }
}

/** The addresses of that outside: one that a tenant may call by Pulumi.e2e.yaml, and one that nobody may. */
export const outside = { declared: "203.0.113.2", undeclared: "203.0.113.3" } as const;

/** Where every name in `corp.example` leads by the name server of that outside: where nobody is (TEST-NET-2). */
export const corporateAddress = "198.51.100.9";

const corporateDomain = `corp.example:53 {
    template IN A {
        answer "{{ .Name }} 60 IN A ${corporateAddress}"
    }
}
`;

const podinfo = versions.images.podinfo;
const labels = { app: "probe" };

/** A pod on each node to ask from, a Service before them, and one without endpoints. */
export const probes = {
  apiVersion: "v1",
  kind: "List",
  items: [
    {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name: "probe", namespace: "default" },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 0,
            containers: [
              {
                name: "probe",
                image: podinfo,
                command: ["./podinfo", "--port=1323"],
                readinessProbe: { httpGet: { path: "/readyz", port: 1323 }, periodSeconds: 1, failureThreshold: 2 },
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "probe", namespace: "default" },
      spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: 1323 }] },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "empty", namespace: "default" },
      spec: {
        selector: { app: "nobody" },
        ports: [
          { name: "http", port: 80 },
          { name: "https", port: 443 },
        ],
      },
    },
  ],
};

/** A pod of a tenant on a node, as its namespace wants pods; with labels, one that stands in for another. */
export const tenantPod = (
  namespace: string,
  name: string,
  nodeName: string,
  labels: Readonly<Record<string, string>> = {},
) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace, name, labels },
  spec: {
    nodeName,
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 100, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "probe",
        image: podinfo,
        command: ["./podinfo", "--port=1323"],
        resources: { requests: amounts, limits: amounts },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
  },
});

const amounts = { cpu: "20m", memory: "32Mi" };

/** A NetworkPolicy of the probes: whom they may call, and who may call them. */
export const probesPolicy = (name: string, edges: { readonly ingress?: object[]; readonly egress?: object[] }) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name, namespace: "default" },
  spec: { podSelector: { matchLabels: labels }, policyTypes: ["Ingress", "Egress"], ...edges },
});

/** The object that {@link webhook} is called for. */
export const watched = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "watched", namespace: "default", labels: { outside: "watched" } },
};

/** A webhook that the API server calls for every `watched` object. */
export function webhook(clientConfig: object): object {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "outside" },
    webhooks: [
      {
        name: "outside.quintet.dev",
        clientConfig,
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["configmaps"] }],
        objectSelector: { matchLabels: { outside: "watched" } },
        failurePolicy: "Fail",
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        timeoutSeconds: 3,
      },
    ],
  };
}
