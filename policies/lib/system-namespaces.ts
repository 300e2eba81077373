/** Namespaces that are the cluster's own: what runs there is not all in a stack. */
import { z } from "zod";

const whole = "the cluster's own components run there, which come and go without this stack";

/** Why each of them is left alone, by its name. */
export const systemNamespaces: Readonly<Record<string, string>> = {
  "kube-system": whole,
  "kube-public": whole,
  "kube-node-lease": whole,
};

/** Why a namespace is left alone, as somebody writes it. */
export const exemptReason = z.string().trim().min(10, "must say why, in ten characters or more");

/** The parameter of rules that leave them alone: why, by namespace. */
export const systemParameter = z.record(z.string(), exemptReason).default({ ...systemNamespaces });
