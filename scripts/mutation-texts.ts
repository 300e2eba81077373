/** Which texts of a rule are not mutated. */

/** As much of Babel's path as is read here. */
export interface Path {
  readonly node: { readonly type: string };
  readonly parent?: { readonly type: string; readonly key?: { readonly name?: string } };
  readonly parentPath?: {
    readonly parentPath?: { readonly parent?: { readonly callee?: { readonly name?: string } } };
  };
}

/** What test/docs.test.ts compares to the word with policies/README.md and docs/policies.md. */
const documented = new Set(["name", "severity", "level", "title", "why", "fix", "sees", "notCel"]);

/** Why a node is not mutated; `undefined` when it is. */
export function reasonOf({ node, parent, parentPath }: Path): string | undefined {
  if (node.type !== "StringLiteral" || parent?.type !== "ObjectProperty") return undefined;
  const maker = parentPath?.parentPath?.parent?.callee?.name;
  const head = maker === "defineRule" || maker === "celRule";
  return head && documented.has(parent.key?.name ?? "") ? "test/docs.test.ts holds it to the word" : undefined;
}
