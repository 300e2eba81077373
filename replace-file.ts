/** Writes files that somebody else may read at any time. */
import { renameSync, rmSync, writeFileSync } from "node:fs";

/** Writes a file whole or not at all. */
export function replaceFile(file: string, text: string, mode: number): void {
  rmSync(`${file}.part`, { force: true }); // an old one would keep its mode
  try {
    writeFileSync(`${file}.part`, text, { mode });
    renameSync(`${file}.part`, file);
  } finally {
    rmSync(`${file}.part`, { force: true });
  }
}
