/** What `istioctl analyze` says of a mesh, and what of that is meant to be as it is. */
import { readFileSync } from "node:fs";
import { execa } from "execa";
import { ensureTools } from "../../toolchain/index.ts";
import { goldenFile } from "../lib/stacks.ts";

/** One message, as `istioctl analyze -o json` writes it. */
interface Message {
  readonly code: string;
  readonly message: string;
  /** The object, as `EnvoyFilter istio-ingress/limits`. */
  readonly origin?: string;
}

/** A message that is expected of some objects. */
interface Waiver {
  readonly code: string;
  readonly origin: RegExp;
  readonly why: string;
}

/** Every message that there may be. */
const waivers: readonly Waiver[] = [
  {
    code: "IST0133",
    origin: /^EnvoyFilter (istio-ingress\/limits|[a-z0-9-]+\/[a-z0-9-]+-rate-limit)$/,
    why: "that an EnvoyFilter is close to Envoy, which no API of Istio's is that limits rates and bodies",
  },
  {
    code: "IST0102",
    origin:
      /^Namespace (default|blackbox|cert-manager|etcd-backup|istio-cni|istio-ingress|log-collector|logging|monitoring|node-exporter|tracing|shop-web|billing-api)$/,
    why: "that a namespace gets no sidecars: it is not in the mesh, or has the gateway itself",
  },
  {
    code: "IST0144",
    origin: /^(Deployment|Pod) istio-system\/istiod-/,
    why: "that istiod runs as 1337, which is upstream's user for it: no sidecar is beside it that would take its calls for its own",
  },
];

/** What it says beyond the waivers, a line each; what it is given are its own arguments. */
export async function analyze(...args: readonly string[]): Promise<string[]> {
  const { istioctl } = await ensureTools(["istioctl"]);
  const { stdout } = await execa(
    istioctl,
    ["analyze", "--all-namespaces", "--output=json", "--log_target=stderr", ...args],
    {
      stdin: "ignore",
    },
  );
  const messages = (JSON.parse(stdout) as Message[] | null) ?? []; // istioctl's own form
  return messages
    .filter(({ code, origin = "" }) => !waivers.some((waiver) => waiver.code === code && waiver.origin.test(origin)))
    .map(({ code, origin = "", message }) => `${code} ${origin}: ${message}`);
}

/** An object of a cluster. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** The objects that a stack makes, by its golden list, without the stubs that stand for definitions there. */
export function renderedObjects(stack: string): Manifest[] {
  // scripts/golden.ts writes it.
  const resources = JSON.parse(readFileSync(goldenFile(stack), "utf8")) as { type: string; inputs: Manifest }[];
  return resources.flatMap(({ type, inputs }) => {
    const [, group = "", kind = ""] = /^kubernetes:([^:]+):(\w+)$/.exec(type) ?? [];
    if (kind === "" || kind === "CustomResourceDefinition" || kind.endsWith("Patch")) return [];
    return [{ ...inputs, apiVersion: group.replace(/^core\//, ""), kind }];
  });
}
