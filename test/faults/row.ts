/** A fault, what happens here, and what proves it. */

/** How a fault is proven: from the nearest to what happens in the field down to nothing at all. */
export const kinds = {
  embedded: "on the real nodes of the embedded cluster",
  simulated: "the real programs, without real nodes: the API server, etcd, the engine, SSH servers",
  unit: "by the code that has to handle it, with tables or against servers of the test's own",
  "not yet": "nothing has proven it",
} as const;

/** A test by its file below test/ and its name. */
export type Proof = readonly [file: string, name: string];

/** A row of the table. */
export interface Row {
  readonly id: string;
  readonly fault: string;
  /** One sentence. */
  readonly here: string;
  readonly kind: keyof typeof kinds;
  readonly proofs: readonly Proof[];
  /** What is missing; every row of kind "not yet" says it. */
  readonly missing?: string;
}
