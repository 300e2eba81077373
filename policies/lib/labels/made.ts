/** Pods that controllers make, which no stack shows. */
import { z } from "zod";

/** The parameter of rules about selectors: labels of such pods, which are selected although no workload has them. */
export const madeParameter = z
  .array(z.record(z.string(), z.string()))
  .default([{ "acme.cert-manager.io/http01-solver": "true" }]);
