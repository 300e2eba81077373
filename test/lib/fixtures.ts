/** Stack files as fixtures: each may say on top of which valid one it stands, so that it shows only its own point. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Deployed } from "../../components/cluster/deployed.ts";
import type { Host } from "../../config.ts";
import { engineValues, host, nodeSecrets, root } from "./stacks.ts";

/** One fixture. */
export interface Fixture {
  /** Its file's name, which names its defect when it has one. */
  readonly name: string;
  /** The problems it must be refused for, from its comments `# refused: …`. */
  readonly refused: readonly string[];
  /** Its configuration in the form in which the engine hands it to the program: objects as JSON. */
  readonly values: Record<string, string>;
  /** The machine it is read on: that of every test, with what the fixture's keys `deployed` and `plain` say. */
  readonly host: Host;
}

/** A fixture's file. */
interface File {
  /** The valid fixture it stands on. */
  readonly extends?: string;
  readonly config: Config;
  /** Where the stack stands after its last `up`. */
  readonly deployed?: Omit<Deployed, "stack">;
  /** Keys whose values the engine does not keep as secrets. */
  readonly plain?: readonly string[];
}

type Config = Readonly<Record<string, unknown>>;

/** Every fixture of a folder under test/config, by name. */
export function fixtures(folder: "valid" | "invalid"): Fixture[] {
  return readdirSync(join(root, "test", "config", folder)).map((file) => {
    const { text, config, deployed, plain = [] } = read(folder, file);
    return {
      name: file.replace(/\.yaml$/, ""),
      refused: [...text.matchAll(/^# refused: (.*)$/gm)].map(([, problem = ""]) => problem.replace("$PWD", root)),
      values: engineValues(overlaid(nodeSecrets(config), config)),
      host: {
        ...host,
        deployed: { ...host.deployed, ...deployed },
        isSecret: (key) => !plain.includes(key),
      },
    };
  });
}

function read(folder: string, file: string): File & { readonly text: string } {
  const text = readFileSync(join(root, "test", "config", folder, file), "utf8");
  const own = parse(text) as File; // ours, and the tests fail when it is not
  const below = own.extends === undefined ? { "quintet:environment": "dev" } : read("valid", own.extends).config;
  return { ...own, text, config: overlaid(below, own.config) };
}

/** One configuration over another; null takes a key away. */
function overlaid(base: Config, top: Config): Config {
  const both = Object.entries(top).map(([key, value]) => {
    const below = base[key];
    return [key, isConfig(below) && isConfig(value) ? overlaid(below, value) : value] as const;
  });
  return Object.fromEntries(
    Object.entries({ ...base, ...Object.fromEntries(both) }).filter(([, value]) => value !== null),
  );
}

const isConfig = (value: unknown): value is Config =>
  typeof value === "object" && value !== null && !Array.isArray(value);
