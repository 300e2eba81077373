/** What mutation testing of the rules mutates, and with which tests: runs for the packs, for what they share, and for CEL. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PartialStrykerOptions } from "@stryker-mutator/api/core";

/** The run for what every pack uses, and the folder of it. */
const shared = "lib";

/** What Stryker is asked in one go. */
export interface Part {
  readonly name: string;
  /** Globs of sources. */
  readonly mutate: readonly string[];
  /** Globs of tests. */
  readonly tests: readonly string[];
}

/** What has one score. */
export interface Run {
  readonly name: string;
  /** What is changed: the code as Stryker does it, or the expressions of CEL that are texts to it. */
  readonly changes: "code" | "expressions";
  readonly parts: readonly Part[];
}

/**
 * The runs: each pack with the part of the library that bears its name, each other folder of the library, and the files
 * beside those; then the expressions in all of them. All by their own tests.
 *
 * @param root the checkout
 */
export function runsOf(root: string): Run[] {
  const parts = partsOf(join(root, "policies"));
  const withCel = parts.flatMap(({ name, mutate, tests }) => {
    const sources = globSync(mutate, { cwd: root }).filter((file) => hasCel(join(root, file)));
    return sources.length === 0 ? [] : [{ name: `expressions-${name}`, mutate: sources.sort(), tests }];
  });
  return [
    ...parts.map((part) => ({ name: part.name, changes: "code" as const, parts: [part] })),
    { name: "expressions", changes: "expressions", parts: withCel },
  ];
}

/** That a source may have expressions of CEL: it makes them, or what they are made with. Types alone are neither. */
const hasCel = (file: string): boolean =>
  file.includes(`/${shared}/cel/`) || /^import (?!type )[^;]*"[^"]*\bcel\b[^"]*";/m.test(readFileSync(file, "utf8"));

function partsOf(policies: string): Part[] {
  const foldersOf = (path: string) =>
    readdirSync(path, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
  const sourcesOf = (name: string) => readdirSync(join(policies, name)).filter((file) => file.endsWith(".ts"));
  const packs = foldersOf(policies).filter((name) => name !== shared && sourcesOf(name).length > 0);
  const others = foldersOf(join(policies, shared)).filter((name) => !packs.includes(name));
  return [
    ...packs.map((name) => ({
      name,
      // The lists of rules are compared with the folders by packs.test.ts, which reads them as text.
      mutate: [`policies/${name}/*.ts`, `!policies/${name}/index.ts`, `policies/${shared}/${name}/**/*.ts`],
      tests: [`<rootDir>/test/policies/{${name},${shared}/${name}}/**/*.test.ts`],
    })),
    ...others.map((name) => ({
      name,
      mutate: [`policies/${shared}/${name}/**/*.ts`],
      tests: [`<rootDir>/test/policies/${shared}/${name}/**/*.test.ts`],
    })),
    { name: shared, mutate: [`policies/${shared}/*.ts`], tests: [`<rootDir>/test/policies/${shared}/*.test.ts`] },
  ];
}

/** Tests of whole stacks, which take longer than all others, and those that read sources as text. */
const leftOut = ["/policies/platform.test.ts", "/policies/aws/prod.test.ts", "/policies/packs.test.ts"];

/**
 * What Stryker is told.
 *
 * @param cache a folder outside of the checkout, for its copies of it and for what it knows from the last run
 */
export function optionsOf({ name, mutate, tests }: Part, cache: string): PartialStrykerOptions {
  return {
    packageManager: "npm",
    plugins: ["@stryker-mutator/jest-runner", join(import.meta.dirname, "mutation-ignore.ts")],
    testRunner: "jest",
    jest: {
      projectType: "custom",
      configFile: "jest.config.js",
      config: { testMatch: tests, testPathIgnorePatterns: leftOut, maxWorkers: 1 },
    },
    mutate: [...mutate],
    ignorers: ["texts"],
    coverageAnalysis: "perTest",
    concurrency: 2,
    // A busy machine is no mutant that hangs.
    timeoutMS: 60_000,
    timeoutFactor: 4,
    incremental: true,
    incrementalFile: join(cache, `${name}.json`),
    tempDirName: join(cache, "sandboxes"),
    disableTypeChecks: false, // tests read some sources as text
    ignorePatterns: ["/docs", "/preview"],
    reporters: ["clear-text", "progress-append-only"],
    clearTextReporter: {
      allowColor: false,
      allowEmojis: false,
      logTests: false,
      reportTests: false,
      reportScoreTable: false,
    },
  };
}
