/** Reads a kubeconfig from elsewhere, as far as it must be understood before the first call. */
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";

const kubeconfigSchema = z.object({
  "current-context": z.string().optional(),
  contexts: z.array(z.object({ name: z.string() })),
});

/**
 * Why a kubeconfig cannot be used, or `undefined`.
 *
 * @param text the kubeconfig
 * @param file where it was read, for the message
 * @param context the context that is asked for; without one, the kubeconfig's current one
 */
export function contextProblem(text: string, file: string, context: string | undefined): string | undefined {
  const kubeconfig = kubeconfigSchema.safeParse(yamlOrNothing(text));
  if (!kubeconfig.success) {
    return `quintet:cluster.kubeconfig: ${file} is no kubeconfig with a list of contexts, write one with your cluster's own tool`;
  }
  const names = kubeconfig.data.contexts.map(({ name }) => name);
  const current = kubeconfig.data["current-context"];
  if (context !== undefined && !names.includes(context)) {
    return `quintet:cluster.context: the kubeconfig ${file} has no context "${context}", it has ${names.map((name) => `"${name}"`).join(", ")}`;
  }
  if (context === undefined && (current === undefined || !names.includes(current))) {
    return `quintet:cluster.context: is missing, and the kubeconfig ${file} has no current context to take instead. Name one of ${names.map((name) => `"${name}"`).join(", ")}`;
  }
  return undefined;
}

function yamlOrNothing(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof YAMLParseError) return undefined;
    throw error;
  }
}
