/** Namespaces that are the cluster's own: what runs there is not all in a stack. */
import { z } from "zod";

const whole = "the cluster's own components run there, which come and go without this stack";

/** The parameter of rules that leave them alone: why, by namespace. */
export const systemNamespaces = z
  .record(z.string(), z.string().trim().min(10, "must say why, in ten characters or more"))
  .default({ "kube-system": whole, "kube-public": whole, "kube-node-lease": whole });
