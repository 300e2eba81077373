/** How a configuration says what containers and their volumes take. */
import { z } from "zod";
import { section } from "../problems.ts";
import { quantity } from "./cluster/facts.ts";

/** What a container is promised, or may take, with what holds where nothing is said. */
export const amounts = (cpu: string, memory: string) =>
  section({ cpu: quantity.default(cpu), memory: quantity.default(memory) }).prefault({});

/** The room that somebody has to keep things in. */
export const room = z.string().regex(/^[1-9]\d*(Mi|Gi|Ti)$/, 'must be whole Mi, Gi or Ti, like "8Gi"');
