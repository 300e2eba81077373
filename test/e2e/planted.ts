/** Twelve secrets, six logins, that a stack is given, and a search for them. */
import { join } from "node:path";
import { execa } from "execa";
import { root } from "../../scripts/stack.ts";
import { makeCanaries, searchFor } from "../lib/canaries.ts";

const sets = [makeCanaries(), makeCanaries(), makeCanaries()].map(
  ({ registryUsername, registryPassword, otherRegistryUsername, otherRegistryPassword }) => ({
    registryUsername,
    registryPassword,
    otherRegistryUsername,
    otherRegistryPassword,
  }),
);
const searches = sets.map(searchFor);

/** How many secrets are planted. */
export const planted = sets.flatMap((set) => Object.values(set)).length;

const logins = sets.flatMap((set) => [
  { username: set.registryUsername, password: set.registryPassword },
  { username: set.otherRegistryUsername, password: set.otherRegistryPassword },
]);

/** The value of `quintet:registryCredentials`: a login for each of registry-0.example to registry-5.example. */
export const credentials = JSON.stringify(
  Object.fromEntries(logins.map((login, index) => [`registry-${String(index)}.example`, login])),
);

/** Plants them, as a person does: through the standard input of `npm run secret`. */
export async function plant(value: string, ...stack: readonly string[]): Promise<string> {
  const script = join(root, "scripts/secret.ts");
  const result = await execa(process.execPath, [script, "registryCredentials", ...stack], { input: value, all: true });
  return result.all;
}

/** Where planted secrets show in a text. */
export const findPlanted = (text: string): string[] =>
  searches.flatMap((search) => search.find(text).map(({ place, form }) => `${place}, ${form}`));
