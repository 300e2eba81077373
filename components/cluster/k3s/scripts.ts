/** The scripts that run on the nodes, read once: they are files of their own, so that editors and shellcheck know them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where the scripts stand, from the project's folder, which is where Pulumi and jest run. */
export const scriptsFolder = join("components", "cluster", "k3s", "scripts");

/** The scripts that are laid down on every node. */
export const nodeScripts = [
  "lib",
  "token",
  "apply",
  "bootstrap",
  "members",
  "release",
  "take-out",
  "kubeconfig",
  "cluster-id",
  "remove",
] as const;

type Script = (typeof nodeScripts)[number] | "preflight" | "stage";

/** The text of a script, by its file's name without the ending. */
export const scriptText = (name: Script): string => texts[name];

const read = (name: Script) => readFileSync(join(process.cwd(), scriptsFolder, `${name}.sh`), "utf8");

const texts = Object.fromEntries(
  [...nodeScripts, "preflight" as const, "stage" as const].map((name) => [name, read(name)]),
) as Record<Script, string>; // each of its keys is in the list

/** Where Quintet keeps its own things on a node; lib.sh and stage.sh say the same. */
export const nodeHome = "/var/lib/quintet/k3s";

/** The command that runs a script on a node. It is short, because it stands in every error message. */
export function nodeCommand(user: string, script: (typeof nodeScripts)[number], ...args: readonly string[]): string {
  return asRoot(user, ["sh", `${nodeHome}/wanted/scripts/${script}.sh`, ...args].join(" "));
}

/** A command as root. */
export const asRoot = (user: string, command: string): string => (user === "root" ? command : `sudo -n ${command}`);

/** A word that a shell takes as it is. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A script with the values of its settings above it. */
export const withSettings = (settings: Readonly<Record<string, string>>, script: string): string =>
  `${assignments(settings)}\n${script}`;

/** Settings as lines that a shell reads. */
export const assignments = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${quoted(value)}`)
    .join("\n");
