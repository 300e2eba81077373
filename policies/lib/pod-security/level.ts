/** Which of the Pod Security Standards a namespace is held to. */
import { z } from "zod";
import { type KubernetesObject, namespaceOf, type Objects } from "../object.ts";
import { at, property, text } from "../values.ts";

/** The levels, from all to little. */
export const securityLevels = ["privileged", "baseline", "restricted"] as const;

/** A level. */
export type SecurityLevel = (typeof securityLevels)[number];

/** The label by which a namespace says its level (kubernetes.io/docs/concepts/security/pod-security-admission). */
export const enforceLabel = "pod-security.kubernetes.io/enforce";

/** The parameters of rules that ask for a level. */
export const levelParameters = z
  .strictObject({
    /** The levels of namespaces that do not say it themselves, or are not in the stack. */
    levels: z.record(z.string(), z.enum(securityLevels)).default({}),
    /** The level of all others. */
    otherwise: z.enum(securityLevels).default("restricted"),
  })
  .prefault({});

/** The level that an object's namespace asks for; what is none is taken for restricted, as the API server does. */
export function levelOf(
  object: KubernetesObject,
  objects: Objects,
  { levels, otherwise }: z.infer<typeof levelParameters>,
): SecurityLevel {
  const namespace = namespaceOf(object);
  const labels = at(objects.named("Namespace", namespace)?.value, "metadata", "labels");
  const says = text(property(labels, enforceLabel));
  if (says !== undefined) return securityLevels.find((level) => level === says) ?? "restricted";
  return (Object.hasOwn(levels, namespace) ? levels[namespace] : undefined) ?? otherwise;
}
