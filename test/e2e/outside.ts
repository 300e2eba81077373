/** A stand-in for the world outside a cluster: a machine on its switch that belongs to nobody else, and a network behind it. */
import { writeFileSync } from "node:fs";
import { execa } from "execa";
import { podCidrs } from "../../embedded/kubectl.ts";
import { inNamespace, nodeNamespace, switchNamespace } from "../../embedded/network.ts";
import { run, until } from "../../embedded/run.ts";
import type { ClusterSpec } from "../../embedded/spec.ts";
import type { ClusterState } from "../../embedded/state.ts";
import { toolPath } from "../../toolchain/index.ts";
import type { Place } from "./inside.ts";

/** The network behind the stand-in: TEST-NET-2 (RFC 5737). */
export const behind = { network: "198.51.100.0/24", address: "198.51.100.2" } as const;

/** Where the name server of the domain `corp.example` answers, on the switch. */
export const nameServerOf = ({ subnet }: Pick<ClusterSpec, "subnet">): string => subnet.replace(/\.0\/24$/, ".200");

/** Where every name in `corp.example` leads: TEST-NET-3, where nobody is. */
export const corporateAddress = "203.0.113.9";

const corefile = `corp.example:53 {
    template IN A {
        answer "{{ .Name }} 60 IN A ${corporateAddress}"
    }
}
`;

/** Listens at these ports of TCP and says nothing. */
const listener = (ports: readonly number[]) =>
  `const { createServer } = require("node:net");
   let left = ${String(ports.length)};
   for (const port of ${JSON.stringify(ports)}) createServer((socket) => socket.destroy())
     .listen(port, () => { if (--left === 0) console.log("listening"); });`;

/**
 * Puts the stand-in on a cluster's switch while `work` runs: a name server for `corp.example`, and some ports of TCP, at
 * both its addresses.
 *
 * @param ports what else listens there
 * @param work is told where the stand-in is
 */
export async function withOutside(
  spec: ClusterSpec,
  state: ClusterState,
  ports: readonly number[],
  work: (place: Place) => Promise<void>,
): Promise<void> {
  const [ns, link] = [`quintet-${spec.name}-outside`, "poutside"];
  const here = nameServerOf(spec);
  const servers: { readonly ended: Promise<unknown>; readonly end: () => void }[] = [];
  try {
    await run("ip", ["netns", "add", ns]);
    const pair = ["link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", ns];
    await run("ip", ["-n", switchNamespace(spec), ...pair]);
    await run("ip", ["-n", switchNamespace(spec), "link", "set", link, "master", "br0", "up"]);
    for (const address of [`${here}/24`, `${behind.address}/24`]) {
      await run("ip", ["-n", ns, "address", "add", address, "dev", "eth0"]);
    }
    for (const device of ["lo", "eth0"]) await run("ip", ["-n", ns, "link", "set", device, "up"]);
    const cidrs = await podCidrs(state);
    for (const node of spec.nodes) {
      await run("ip", ["-n", ns, "route", "replace", cidrs.get(node.name) ?? "", "via", node.address]);
      await run("ip", ["-n", nodeNamespace(spec, node), "route", "replace", behind.network, "via", here]);
    }
    const file = state.file("outside.corefile");
    writeFileSync(file, corefile);
    const inNs = (command: string, ...args: string[]) => {
      const child = execa("nsenter", [`--net=/run/netns/${ns}`, command, ...args], { reject: false });
      servers.push({ ended: child, end: () => child.kill("SIGKILL") });
    };
    inNs(toolPath("coredns"), "-conf", file);
    inNs(process.execPath, "-e", listener(ports));
    await until("the stand-in to listen", 10_000, async () => {
      const open = await inNamespace(ns, ["ss", "-Hltn"]);
      return [53, ...ports].every((port) => new RegExp(`[:*]${String(port)} `).test(open));
    });
    await work(`--net=/run/netns/${ns}`);
  } finally {
    for (const { end } of servers) end();
    await Promise.all(servers.map(({ ended }) => ended));
    for (const node of spec.nodes) {
      const route = ["-n", nodeNamespace(spec, node), "route", "delete", behind.network];
      await execa("ip", route, { reject: false });
    }
    await execa("ip", ["netns", "delete", ns], { reject: false });
  }
}
