/** Stack files as fixtures: each may say on top of which valid one it stands, so that it shows only its own point. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { engineValues, root } from "./stacks.ts";

/** One fixture. */
export interface Fixture {
  /** Its file's name, which names its defect when it has one. */
  readonly name: string;
  /** The problems it must be refused for, from its comments `# refused: …`. */
  readonly refused: readonly string[];
  /** Its configuration in the form in which the engine hands it to the program: objects as JSON. */
  readonly values: Record<string, string>;
}

type Config = Readonly<Record<string, unknown>>;

/** Every fixture of a folder under test/config, by name. */
export function fixtures(folder: "valid" | "invalid"): Fixture[] {
  return readdirSync(join(root, "test", "config", folder)).map((file) => {
    const { text, config } = read(folder, file);
    return {
      name: file.replace(/\.yaml$/, ""),
      refused: [...text.matchAll(/^# refused: (.*)$/gm)].map(([, problem = ""]) => problem),
      values: engineValues(config),
    };
  });
}

function read(folder: string, file: string): { text: string; config: Config } {
  const text = readFileSync(join(root, "test", "config", folder, file), "utf8");
  const own = parse(text) as { extends?: string; config: Config };
  const config = own.extends === undefined ? own.config : overlaid(read("valid", own.extends).config, own.config);
  return { text, config };
}

function overlaid(base: Config, top: Config): Config {
  const both = Object.entries(top).map(([key, value]) => {
    const below = base[key];
    return [key, isConfig(below) && isConfig(value) ? overlaid(below, value) : value] as const;
  });
  return { ...base, ...Object.fromEntries(both) };
}

const isConfig = (value: unknown): value is Config =>
  typeof value === "object" && value !== null && !Array.isArray(value);
