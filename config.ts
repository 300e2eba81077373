/** The only reader of the stack's configuration, of the environment and of files: all problems in one message. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { runtime, RunError } from "@pulumi/pulumi";
import { z } from "zod";
import type { ClusterConfig } from "./components/cluster/index.ts";
import { clusterFactsSchema, dnsLabel } from "./components/cluster/facts.ts";
import { problemsOf, section } from "./problems.ts";
import { parseQuantity } from "./quantity.ts";

const wholeNumber = "must be a whole number from 1 to 10";

/** How few and how many replicas the backend may ever have. */
const replicas = z.int(wholeNumber).min(1, wholeNumber).max(10, wholeNumber);

const quantity = z
  .string()
  .refine((text) => (parseQuantity(text) ?? 0n) > 0n, 'must be a Kubernetes quantity above zero like "100m" or "64Mi"');

/** Every key of the stack's configuration. Pulumi.yaml says the same to the engine; a test keeps both equal. */
export const schemas = {
  cluster: z.discriminatedUnion(
    "kind",
    [
      section({
        kind: z.literal("embedded"),
        /** Its name on the command line. */
        name: dnsLabel.default("quintet"),
      }),
      section({
        kind: z.literal("existing"),
        /** Path of the kubeconfig, from the project's folder. */
        kubeconfig: z.string().min(1),
        /** @default the kubeconfig's current context */
        context: z.string().min(1).optional(),
        facts: clusterFactsSchema,
      }),
    ],
    'expected an object with kind "embedded" or "existing"',
  ),
  backend: section({
    namespace: dnsLabel.default("backend"),
    replicas: section({ min: replicas.default(3), max: replicas.default(10) })
      .refine(({ min, max }) => min <= max, { path: ["max"], error: "must not be below min" })
      .prefault({}),
    resources: section({ cpu: quantity.default("100m"), memory: quantity.default("64Mi") }).prefault({}),
  }).prefault({}),
};

/** The stack's configuration, valid and frozen. */
export interface PlatformConfig {
  readonly cluster: ClusterConfig;
  readonly backend: z.infer<typeof schemas.backend>;
}

/** What is outside the program: the machine's environment and files. */
export interface Host {
  /** Where everything is kept that can be made again. */
  readonly cache: string;
  /** The text of a file, or `undefined` when there is none. */
  readonly read: (path: string) => string | undefined;
}

/** Reads the configuration of the stack that is running. @throws RunError, as {@link parseConfig} */
export function loadConfig(): PlatformConfig {
  return parseConfig(runtime.allConfig(), {
    cache: process.env["QUINTET_CACHE"] ?? join(homedir(), ".cache", "quintet"),
    read: readIfThere,
  });
}

/**
 * Checks a stack's configuration.
 *
 * @param values Pulumi's flat configuration: `quintet:backend` to the JSON of an object
 * @throws RunError with every problem by its path, what is wrong and what would be right
 */
export function parseConfig(values: Readonly<Record<string, string>>, host: Host): PlatformConfig {
  const own = Object.entries(values).flatMap(([key, value]) => {
    const [project, name, ...rest] = key.split(":");
    return project === "quintet" && name !== undefined && rest.length === 0 ? [[name, fromJson(value)] as const] : [];
  });
  const parsed = section(schemas).safeParse(Object.fromEntries(own));
  if (!parsed.success) throw refused(problemsOf("quintet:", parsed.error));
  const { cluster, backend } = parsed.data;
  return deepFreeze({ cluster: connect(cluster, host), backend });
}

function connect(cluster: z.infer<typeof schemas.cluster>, host: Host): ClusterConfig {
  const missing = (file: string, advice: string) =>
    refused([`quintet:cluster: there is no kubeconfig at ${file}, ${advice}`]);
  switch (cluster.kind) {
    case "embedded": {
      const kubeconfigFile = join(host.cache, "clusters", cluster.name, "kubeconfig");
      const kubeconfig = host.read(kubeconfigFile);
      if (kubeconfig === undefined) {
        const name = cluster.name === "quintet" ? "" : ` --name ${cluster.name}`;
        throw missing(kubeconfigFile, `start the cluster with \`npm run cluster -- up${name}\``);
      }
      return { kind: "embedded", kubeconfig, kubeconfigFile };
    }
    case "existing": {
      const kubeconfigFile = resolve(cluster.kubeconfig);
      const kubeconfig = host.read(kubeconfigFile);
      if (kubeconfig === undefined) throw missing(kubeconfigFile, "set quintet:cluster.kubeconfig to its path");
      const { facts, context } = cluster;
      return { kind: "existing", kubeconfig, facts, ...(context === undefined ? {} : { context }) };
    }
  }
}

function refused(problems: readonly string[]): RunError {
  return new RunError(
    [
      "The stack's configuration is refused and nothing has been changed:",
      ...problems.map((problem) => `  ${problem}`),
    ].join("\n"),
  );
}

/** Pulumi hands over objects as JSON, and everything else as it stands in the file. */
function fromJson(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
