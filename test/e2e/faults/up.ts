/** `up` of the smallest program, as `npm run up` does it, for tests that send it signals. */
import { Stack } from "../../../scripts/stack.ts";

const [stack = "", config = "", program = ""] = process.argv.slice(2);
try {
  process.exitCode = await new Stack({ stack, config, program }).run("up", ["--yes", "--skip-preview"]);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
