/** The connectivity graph as a picture, in Mermaid's text form (mermaid.js.org/syntax/flowchart.html). */
import { type Edge, everyPodOf, type Graph, namespaceOf, portOf, vertexOf } from "./connectivity-graph.ts";

/** Everybody with an edge, by namespace, and an arrow from each caller to each called one with the ports. */
export function connectivityPicture(graph: Graph): string {
  const ends = [...new Set(graph.edges.flatMap(({ from, to }) => [from, to]))].sort();
  const ids = new Map(ends.map((ref, index) => [ref, `n${String(index)}`]));
  const idOf = (ref: string) => ids.get(ref) ?? "";
  const byNamespace = Map.groupBy(ends, (ref) => {
    const vertex = vertexOf(graph, ref);
    return vertex === undefined ? undefined : namespaceOf(vertex);
  });
  const arrows = Map.groupBy(graph.edges, ({ from, to }) => `${idOf(from)} ${idOf(to)}`);
  return [
    "flowchart LR",
    ...(byNamespace.get(undefined) ?? []).map((ref) => `  ${idOf(ref)}(["${ref}"])`),
    ...[...byNamespace].flatMap(([namespace, refs]) =>
      namespace === undefined
        ? []
        : [
            `  subgraph ${quoted(titleOf(namespace, graph))}`,
            ...refs.map((ref) => `    ${idOf(ref)}[${quoted(nameOf(ref, namespace))}]`),
            "  end",
          ],
    ),
    ...[...arrows.values()].map((edges) => {
      const [{ from, to } = { from: "", to: "" }] = edges;
      return `  ${idOf(from)} -->|${quoted(portsOf(edges, graph))}| ${idOf(to)}`;
    }),
  ].join("\n");
}

const quoted = (text: string) => `"${text}"`;

const nameOf = (ref: string, namespace: string) =>
  ref === everyPodOf(namespace) ? "every pod" : ref.slice(namespace.length + 1);

/** Says where something is not closed, since that is the exception. */
function titleOf(namespace: string, graph: Graph): string {
  const closed = graph.namespaces[namespace]?.closed;
  return closed === "every-pod" ? namespace : `${namespace} (${closed === "workloads" ? "closed in part" : "open"})`;
}

function portsOf(edges: readonly Edge[], graph: Graph): string {
  const shown = edges.map(({ to, port }) => {
    const vertex = vertexOf(graph, to);
    const found = vertex === undefined ? undefined : portOf(vertex, port);
    return found === undefined || found === "all" ? "every port" : `${String(found.port)}/${found.protocol}`;
  });
  return shown.sort().join(", ");
}
