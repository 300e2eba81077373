/** Reads what the embedded cluster says about itself in its kubeconfig, the one file it shares with the platform. */
import { RunError } from "@pulumi/pulumi";
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { problemsOf } from "../../problems.ts";
import { clusterFactsSchema } from "./facts.ts";

/** The name of the kubeconfig cluster extension that carries the {@link ClusterFacts}. */
export const extensionName = "quintet.dev/cluster";

const kubeconfigSchema = z.object({
  clusters: z.tuple(
    [
      z.object({
        cluster: z.object({
          extensions: z.array(z.object({ name: z.string(), extension: z.unknown() })),
        }),
      }),
    ],
    "expected exactly one cluster",
  ),
});

/**
 * The facts in a kubeconfig written by `npm run cluster -- up`.
 *
 * @param text the kubeconfig
 * @param file where it was read, for the message
 * @throws RunError with every problem by its path, when this is not such a kubeconfig
 */
export function embeddedFacts(text: string, file: string): z.infer<typeof clusterFactsSchema> {
  const kubeconfig = kubeconfigSchema.safeParse(parseYaml(text, file));
  if (!kubeconfig.success) throw unusable(file, problemsOf("kubeconfig.", kubeconfig.error));
  const [{ cluster }] = kubeconfig.data.clusters;
  const extension = cluster.extensions.find(({ name }) => name === extensionName);
  if (extension === undefined) throw unusable(file, [`its cluster has no extension ${extensionName}`]);
  const facts = clusterFactsSchema.safeParse(extension.extension);
  if (!facts.success) throw unusable(file, problemsOf("facts.", facts.error));
  return facts.data;
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof YAMLParseError)
      throw unusable(file, [`it is not YAML: ${error.message.split("\n", 1).join("")}`]);
    throw error;
  }
}

function unusable(file: string, problems: readonly string[]): RunError {
  return new RunError(
    [
      `The kubeconfig ${file} is not one of an embedded cluster of this version of Quintet:`,
      ...problems.map((problem) => `  ${problem}`),
      "Write it anew with `npm run cluster -- up`, or use `kind: existing` for a cluster from elsewhere.",
    ].join("\n"),
  );
}
