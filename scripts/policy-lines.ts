/** Which line of a file a finding is about. */
import { findNodeAtLocation, type Node, parseTree } from "jsonc-parser";
import { type Document, isNode, LineCounter } from "yaml";
import { list } from "../policies/lib/values.ts";

/** The line of a path, or of its last part that is there; counted from 1. */
export type LineOf = (path: string) => number;

/**
 * The lines of a YAML document.
 *
 * @param lines those of its file
 */
export const yamlLines =
  (document: Document.Parsed, lines: LineCounter): LineOf =>
  (path) =>
    lines.linePos(offsetOf(document, path)).line;

/** Where in a document the last part of a path is that is there. */
function offsetOf(document: Document.Parsed, path: string): number {
  const keys = keysOf(path);
  for (let length = keys.length; length > 0; length -= 1) {
    const node = document.getIn(keys.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return list(document.contents?.range).map(Number)[0] ?? 0;
}

/** The lines of a JSON text, which is only looked through once something is found in it. */
export function jsonLines(content: string): LineOf {
  let found: { readonly root: Node | undefined; readonly lines: LineCounter } | undefined;
  return (path) => {
    found ??= { root: parseTree(content), lines: linesOf(content) };
    const { root, lines } = found;
    const keys = keysOf(path);
    for (let length = keys.length; root !== undefined && length > 0; length -= 1) {
      const node = findNodeAtLocation(root, keys.slice(0, length));
      // A member's line is that of its key.
      if (node !== undefined) return lines.linePos((node.parent?.type === "property" ? node.parent : node).offset).line;
    }
    return 1;
  };
}

function linesOf(content: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index } of content.matchAll(/\n/g)) lines.addNewLine(index + 1);
  return lines;
}

/** The parts of a path: `metadata.annotations["a.b"]` and `items[2].spec`. */
const keysOf = (path: string): (string | number)[] =>
  [...path.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(([, quoted, index, word]) =>
    index === undefined ? (quoted ?? word ?? "") : Number(index),
  );
