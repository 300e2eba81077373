import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replaceFile } from "../replace-file.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-replace-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test("what a run that was killed has left changes neither the text nor the mode", () => {
  const file = join(folder, "secret");
  writeFileSync(`${file}.part`, "half of an old");
  chmodSync(`${file}.part`, 0o644);
  replaceFile(file, "new", 0o600);
  expect(readFileSync(file, "utf8")).toBe("new");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["secret"]);
});

test("what cannot be put in its place leaves nothing beside it", () => {
  const taken = join(folder, "taken");
  mkdirSync(taken);
  expect(() => {
    replaceFile(taken, "text", 0o600);
  }).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(readdirSync(folder)).not.toContain("taken.part");
});
