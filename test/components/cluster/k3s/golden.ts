/** The files that the lab's nodes get, as a person reads them. */
import { planK3s } from "../../../../components/cluster/k3s/plan.ts";
import { lab } from "./lab.ts";

const whole = lab({
  source: {
    from: "artifact",
    binary: "artifacts/k3s",
    imagesSha256: "6".repeat(64),
    images: "artifacts/k3s-airgap-images-amd64.tar.zst",
  },
});

/** Each node's files in one text, by the node's name. */
export function rendered(): Map<string, string> {
  const { servers, agents } = planK3s(whole, { "docker.io": ["https://mirror.qke.com"] });
  return new Map(
    [...servers, ...agents].map(({ node, files }) => [
      node.name,
      files.map(({ path, mode, content }) => `==> ${path} (mode ${mode})\n${content}`).join("\n"),
    ]),
  );
}

/** The committed text of a node. */
export const goldenFile = (node: string): string => `test/components/cluster/k3s/lab/${node}.expected.txt`;
