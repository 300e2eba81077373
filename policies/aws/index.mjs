// Pulumi starts a pack by require() with ts-node in front; an .mjs file takes the way round it: docs/decisions/0001.
import { serve } from "../lib/serve.ts";
import { aws } from "./index.ts";

serve("aws", [aws]);
