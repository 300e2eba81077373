/** The part of a hosts file that is an environment's own. */

/** Where it begins and ends. */
const marks = (stack: string) => [`# quintet ${stack}: begin`, `# quintet ${stack}: end`] as const;

/**
 * The lines that let names stand for an ingress. Resolvers take the first address of a name, so one node answers for all.
 *
 * @throws when the ingress has no address that could stand there
 */
export function hostsLines({
  names,
  addresses,
}: {
  readonly names: readonly string[];
  readonly addresses: readonly string[];
}): string[] {
  const address = addresses.find((one) => /^\d+(\.\d+){3}$/.test(one));
  if (address !== undefined) return [`${address} ${names.join(" ")}`];
  throw new Error(
    addresses.length === 0
      ? "The ingress has no address yet."
      : `The ingress is found as ${addresses.join(", ")}, and a hosts file takes addresses alone: make ${names.join(", ")} an alias of it in your DNS.`,
  );
}

/**
 * A hosts file with these lines of an environment, in the place of earlier ones, and everything else as it was.
 *
 * @param lines none takes them away
 * @throws when somebody has taken one of the marks away
 */
export function withLines(text: string, stack: string, lines: readonly string[]): string {
  const [begin, end] = marks(stack);
  const all = text.split("\n");
  const [first, last] = [all.indexOf(begin), all.indexOf(end)];
  if ((first === -1) !== (last === -1) || last < first) {
    throw new Error(
      `The hosts file has only one of the lines "${begin}" and "${end}", or the wrong one first: repair it.`,
    );
  }
  const others = first === -1 ? all : all.toSpliced(first, last - first + 1);
  if (lines.length === 0) return others.join("\n");
  const rest = others.join("\n");
  return `${rest}${rest === "" || rest.endsWith("\n") ? "" : "\n"}${[begin, ...lines, end].join("\n")}\n`;
}
