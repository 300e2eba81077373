/** Which texts of a rule are not mutated. */

/** As much of Babel's path as is read here. */
export interface Path {
  readonly node: { readonly type: string };
  readonly parent?: { readonly type: string; readonly key?: Named };
  readonly parentPath?: { readonly parentPath?: { readonly parent?: Maker } };
}

interface Named {
  readonly name?: string;
}

/** What an object is given to: a function, or a constant that says its type. */
interface Maker {
  readonly callee?: Named;
  readonly id?: { readonly typeAnnotation?: { readonly typeAnnotation?: { readonly typeName?: Named } } };
}

const ours = new Set(["name", "severity", "level", "title", "why", "fix", "sees", "notCel"]);
const engines = new Set(["name", "severity", "enforcementLevel", "description"]);

/** What test/docs.test.ts compares to the word with policies/README.md and docs/policies.md, by what makes a rule of it. */
const documented: ReadonlyMap<string | undefined, ReadonlySet<string | undefined>> = new Map([
  ["defineRule", ours],
  ["celRule", ours],
  ["ResourceValidationPolicy", engines],
  ["StackValidationPolicy", engines],
]);

/** Why a node is not mutated; `undefined` when it is. */
export function reasonOf({ node, parent, parentPath }: Path): string | undefined {
  if (node.type !== "StringLiteral" || parent?.type !== "ObjectProperty") return undefined;
  const maker = parentPath?.parentPath?.parent;
  const texts = documented.get(maker?.callee?.name ?? maker?.id?.typeAnnotation?.typeAnnotation?.typeName?.name);
  return texts?.has(parent.key?.name) === true ? "test/docs.test.ts holds it to the word" : undefined;
}
