/** The lab's five nodes, as a stack's file describes them. */
import { createHash } from "node:crypto";
import type { z } from "zod";
import { type K3sConfig, k3sSchema } from "../../../../components/cluster/k3s/schema.ts";

/** A well-formed public key of an SSH server, a different one for each name. */
export function hostKey(name: string): string {
  const field = (content: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, content.length]), content]);
  const point = createHash("sha256").update(name).digest();
  return `ssh-ed25519 ${Buffer.concat([field(Buffer.from("ssh-ed25519")), field(point)]).toString("base64")}`;
}

const node = (name: string, address: string, rack: string, role: "server" | "agent") => ({
  name,
  address,
  rack,
  role,
  hostKey: hostKey(name),
});

/** What a person writes for the lab. */
export type K3sInput = z.input<typeof k3sSchema>;

/** The lab as a person writes it, without what has a default. */
export const labInput = {
  kind: "k3s",
  name: "qke",
  version: "v1.36.3+k3s1",
  sha256: "5".repeat(64),
  api: { host: "qke.com" },
  ssh: { user: "quintet" },
  nodeCidr: "172.20.20.0/24",
  nodes: [
    node("qke-master", "172.20.20.1", "rack-1", "server"),
    node("qke-worker-49-1", "172.20.20.11", "rack-49", "server"),
    node("qke-worker-49-2", "172.20.20.12", "rack-49", "agent"),
    node("qke-worker-181-1", "172.20.20.51", "rack-181", "server"),
    node("qke-worker-181-2", "172.20.20.52", "rack-181", "agent"),
  ],
} satisfies K3sInput;

/** The lab with some keys put otherwise. */
export const lab = (overrides: Partial<K3sInput> = {}): K3sConfig => k3sSchema.parse({ ...labInput, ...overrides });
