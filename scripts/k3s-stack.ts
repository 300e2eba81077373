/** The k3s cluster of an environment, with what opens its servers. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { K3sSecrets } from "../backup/k3s-restore.ts";
import type { K3sConfig } from "../components/cluster/k3s/schema.ts";
import { schemas } from "../config.ts";
import { showProgress } from "../toolchain/display.ts";
import { ensureTools } from "../toolchain/index.ts";
import { root, Stack } from "./stack.ts";

/** What is known of a k3s cluster before it is asked. */
export interface K3sStack {
  readonly config: K3sConfig;
  readonly secrets: K3sSecrets;
}

/** Reads both from the configuration of a stack. @throws when it is of another kind, or lacks a secret */
export async function k3sOf(environment: string): Promise<K3sStack> {
  const stack = new Stack({ stack: environment });
  const text = readFileSync(join(root, `Pulumi.${environment}.yaml`), "utf8");
  const { config } = parse(text) as { config?: Record<string, unknown> };
  const cluster = schemas.cluster.parse(config?.["quintet:cluster"]);
  if (cluster.kind !== "k3s")
    throw new Error(`The cluster of environment ${environment} is ${cluster.kind}, and not k3s.`);
  await ensureTools(["engine"], { progress: showProgress() });
  const [privateKey, passphrase = "", token] = await Promise.all(
    ["sshPrivateKey", "sshPassphrase", "k3sToken"].map((key) => stack.secret(key)),
  );
  if (privateKey === undefined || token === undefined) {
    throw new Error(
      `quintet:sshPrivateKey and quintet:k3sToken are not set here: npm run secret -- KEY --stack ${environment}`,
    );
  }
  return { config: cluster, secrets: { privateKey, token, ...(passphrase === "" ? {} : { passphrase }) } };
}
