/** The edge: configuration in, platform, outputs out. */
import { loadConfig } from "./config.ts";
import { createPlatform } from "./platform.ts";

export const { cluster, backend } = await createPlatform(loadConfig());
