/** What the day-2 commands of a k3s cluster change in its environment's file: text in, text out, comments kept. */
import { type Document, isMap, isSeq, parseDocument, type YAMLSeq } from "yaml";
import { hopProblem } from "../skew.ts";

/** A node as `quintet:cluster.nodes` lists it. */
export interface NewNode {
  readonly name: string;
  readonly address: string;
  readonly rack: string;
  readonly role: string;
  readonly hostKey: string;
}

const cluster = ["config", "quintet:cluster"] as const;

/**
 * Another release on every node that names none of its own.
 *
 * @throws Error when the release is no step from the one that is there
 */
export function upgraded(text: string, version: string, sha256: string): string {
  return edited(text, (file) => {
    const problem = hopProblem(String(file.getIn([...cluster, "version"])), version);
    if (problem !== undefined) throw new Error(`This ${problem}.`);
    file.setIn([...cluster, "version"], version);
    file.setIn([...cluster, "sha256"], sha256);
  });
}

/** One more generation of certificates. */
export function withNewCertificates(text: string): string {
  return edited(text, (file) => {
    const last = file.getIn([...cluster, "certificateGeneration"]);
    file.setIn([...cluster, "certificateGeneration"], (typeof last === "number" ? last : 0) + 1);
  });
}

/** One more node, at the end of the list. @throws Error when there is one of that name */
export function withNode(text: string, node: NewNode): string {
  return edited(text, (file) => {
    const nodes = nodesOf(file);
    if (nodes.items.some((item) => nameOf(item) === node.name))
      throw new Error(`There is a node ${node.name} already.`);
    nodes.add(file.createNode(node));
  });
}

/**
 * One node made anew: it starts over on its machine, or on another one whose host key is given.
 *
 * @throws Error when there is none of that name
 */
export function withNodeAnew(text: string, name: string, hostKey?: string): string {
  return edited(text, (file) => {
    const nodes = nodesOf(file);
    const index = indexOf(nodes, name);
    const last = nodes.getIn([index, "generation"]);
    nodes.setIn([index, "generation"], (typeof last === "number" ? last : 0) + 1);
    if (hostKey !== undefined) nodes.setIn([index, "hostKey"], hostKey);
  });
}

/** Without one node. @throws Error when there is none of that name */
export function withoutNode(text: string, name: string): string {
  return edited(text, (file) => {
    const nodes = nodesOf(file);
    nodes.delete(indexOf(nodes, name));
  });
}

function edited(text: string, change: (file: Document) => void): string {
  const file = parseDocument(text);
  if (file.getIn([...cluster, "kind"]) !== "k3s") {
    throw new Error("The environment's cluster is not of kind k3s: choose another one with --stack.");
  }
  change(file);
  return file.toString({ lineWidth: 0 });
}

function nodesOf(file: Document): YAMLSeq {
  const nodes = file.getIn([...cluster, "nodes"]);
  if (!isSeq(nodes)) throw new Error("quintet:cluster.nodes is not a list of nodes.");
  return nodes;
}

function indexOf(nodes: YAMLSeq, name: string): number {
  const index = nodes.items.findIndex((item) => nameOf(item) === name);
  if (index < 0) {
    throw new Error(`There is no node ${name}, the nodes are ${nodes.items.map(nameOf).join(", ")}.`);
  }
  return index;
}

const nameOf = (item: unknown): string => (isMap(item) ? String(item.get("name")) : "");
