/** The edge: configuration in, platform, outputs out. */
import { loadConfig } from "./config.ts";
import { createPlatform } from "./platform.ts";

export const { environment, cluster, backend, ingress, mesh } = await createPlatform(await loadConfig());
