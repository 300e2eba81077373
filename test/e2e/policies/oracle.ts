/** What Kubernetes' own code and cyclonus say, which the programs in tools/ run. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { ensureTools } from "../../../toolchain/index.ts";
import { property, text } from "../../../policies/lib/values.ts";
import { asBuilt, goCaller, modules } from "../go.ts";

const module = join(modules, "policy-oracle");

/**
 * The lines in JSON that one of the programs answers with.
 *
 * @param lines what it is asked
 */
export async function linesOf<T>(
  tool: "policy-oracle" | "cyclonus",
  question: string,
  lines: readonly object[] = [],
): Promise<T[]> {
  const tools = await ensureTools([tool]);
  const oracle = spawn(tools[tool], [question], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = textOf(oracle.stdout);
  oracle.stdin.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return parsed(await answers);
}

const parsed = <T>(lines: string): T[] =>
  lines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T); // the program's own sources say what a line is

/** A table of cases that is inside of a Go test. */
interface Table {
  readonly module: string;
  /** The folder of its package in the module. */
  readonly package: string;
  /** The function that the test asks. */
  readonly asked: string;
  readonly test: string;
  /** Go that stands in for the function: it asks the real one, and calls `record` with what is to be kept. */
  readonly standIn: string;
}

/**
 * The folder of a module's sources, which are downloaded where they are not here.
 *
 * @param pinnedBy the folder of tools/ whose go.mod and go.sum pin it
 */
export async function sourcesOf(path: string, pinnedBy = "policy-oracle"): Promise<string> {
  const call = await goCaller();
  const told: unknown = JSON.parse(call(["mod", "download", "-json", path], join(modules, pinnedBy)));
  const folder = text(property(told, "Dir"));
  assert.ok(folder !== undefined, `go mod download names no folder of ${path}.`);
  return folder;
}

/**
 * The cases of Kubernetes' own test. They are arguments inside of it, so its package is compiled as it is, in a folder of
 * its own, but for the function that is asked, which also writes down whom it was asked about. Where the test passes,
 * what it answered is what the test expects.
 */
export async function ownTable<T>(table: Table): Promise<T[]> {
  const call = await goCaller();
  const sources = join(await sourcesOf(table.module), table.package);
  const work = mkdtempSync(join(tmpdir(), "quintet-table-"));
  const hidden = table.asked.charAt(0).toLowerCase() + table.asked.slice(1);
  try {
    for (const file of ["go.mod", "go.sum"]) copyFileSync(join(module, file), join(work, file));
    for (const file of readdirSync(sources).filter((name) => name.endsWith(".go"))) {
      const original = readFileSync(join(sources, file), "utf8");
      writeFileSync(join(work, file), original.replace(`func ${table.asked}(`, `func ${hidden}(`));
    }
    const own = readdirSync(sources).find((name) => name.endsWith(".go") && !name.endsWith("_test.go")) ?? "";
    const name = /^package (\w+)/m.exec(readFileSync(join(sources, own), "utf8"))?.[1] ?? "";
    writeFileSync(join(work, "recording.go"), `package ${name}\n${recording}`);
    writeFileSync(join(work, "stand_in.go"), `package ${name}\n${table.standIn}`);
    const cases = join(work, "cases.jsonl");
    call(["test", ...asBuilt, "-count=1", "-run", `^${table.test}$`, "."], work, { TABLE_CASES: cases });
    return parsed(readFileSync(cases, "utf8"));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const recording = `
import (
	"encoding/json"
	"os"
)

func record(what map[string]any) {
	line, err := json.Marshal(what)
	if err != nil {
		panic(err)
	}
	file, err := os.OpenFile(os.Getenv("TABLE_CASES"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	if _, err := file.Write(append(line, '\\n')); err != nil {
		panic(err)
	}
}
`;
