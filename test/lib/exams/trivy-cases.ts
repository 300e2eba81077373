/** Reads the tests of Trivy's checks of Kubernetes, whose manifests stand in them as literals of Rego. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Case } from "./suite.ts";

/** A test with one literal as its input and one count of findings. */
export interface RegoCase {
  readonly name: string;
  readonly input: unknown;
  readonly refused: boolean;
}

/**
 * The tests in a file that are of that form.
 *
 * @param source its text
 */
export function regoCasesIn(source: string): RegoCase[] {
  return source.split(/^(?=test_\w+)/m).flatMap((body) => {
    const name = /^test_\w+/.exec(body)?.[0];
    const starts = [...body.matchAll(/with input as (?=\{)/g)];
    const counts = [...body.matchAll(/count\(\w+\) *(==|=|>|!=) *(\d+)/g)];
    const [[start], [count]] = [starts, counts];
    if (name === undefined || start === undefined || count === undefined) return [];
    if (starts.length !== 1 || counts.length !== 1 || body.split("deny with").length !== 2) return [];
    const literal = literalAt(body, start.index + start[0].length);
    const input = literal === undefined ? undefined : valueOf(literal);
    if (input === undefined) return [];
    const [, operator = "", number = ""] = count;
    return [{ name, input, refused: operator === ">" || operator === "!=" ? true : Number(number) > 0 }];
  });
}

/** The literal that starts at a place: to its closing brace, those inside of strings left out. */
function literalAt(body: string, start: number): string | undefined {
  let depth = 0;
  for (const { 0: token, index } of body.slice(start).matchAll(/"(?:[^"\\]|\\.)*"|`[^`]*`|[{}]/g)) {
    if (token === "{") depth += 1;
    else if (token === "}") depth -= 1;
    if (depth === 0) return body.slice(start, start + index + 1);
  }
  return undefined;
}

/** What a literal of plain values is, which YAML writes alike but for tabs; `undefined` of one that computes something. */
function valueOf(literal: string): unknown {
  try {
    return parse(literal.replaceAll("\t", " "), { uniqueKeys: false }) as unknown;
  } catch {
    return undefined;
  }
}

/** Each file of a check with its id, as Trivy reports it. */
function filesOf(folder: string): { readonly file: string; readonly check: string }[] {
  const own = join(folder, "checks/kubernetes");
  return readdirSync(own, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".rego") && !file.endsWith("_test.rego"))
    .map((file) => {
      const [, check = file] = /^# +id: +(\S+)$/m.exec(readFileSync(join(own, file), "utf8")) ?? [];
      return { file: join(own, file), check: check.replace(/^AVD-/, "") };
    });
}

/** Every check, by its id. */
export const checksOfTrivy = (folder: string): string[] => filesOf(folder).map(({ check }) => check);

/** Every case that can be read. */
export const casesOfTrivy = (folder: string): Case[] =>
  filesOf(folder).flatMap(({ file, check }) => {
    const tests = file.replace(/\.rego$/, "_test.rego");
    if (!existsSync(tests)) return [];
    const all = regoCasesIn(readFileSync(tests, "utf8"));
    return all.map(({ name, input, refused }, index) => {
      const before = all.slice(0, index).filter((one) => one.name === name).length;
      return { check, name: before === 0 ? name : `${name} ${String(before + 1)}`, manifests: [input], refused };
    });
  });
