/** Events of the engine as `pulumi preview --json` writes them, cut to what is read of them. */

/** A secret's value, base64 as a Kubernetes Secret holds it. */
export const canary = Buffer.from("canary-0815").toString("base64");

/** What the engine writes when a Secret has been registered, its data in the clear. */
export const debugEvent = {
  diagnosticEvent: {
    prefix: "debug: ",
    message: `RegisterResource RPC finished: resource:token[kubernetes:core/v1:Secret]; err: null, data,,,token,,,${canary}\n`,
    color: "never",
    severity: "debug",
  },
};

/** The engine's announcement of a step on a Kubernetes resource. */
export function step(op: string, kind: string, name: string, fields: object) {
  const type = `kubernetes:${kind}`;
  const urn = `urn:pulumi:dev::quintet::quintet:index:Backend$${type}::${name}`;
  return { resourcePreEvent: { metadata: { op, urn, type, old: null, new: null, detailedDiff: null, ...fields } } };
}

/** The engine's last word. */
export function summary(resourceChanges: Readonly<Record<string, number>>) {
  return { summaryEvent: { maybeCorrupt: false, durationSeconds: 6, resourceChanges, PolicyPacks: {} } };
}

/** One line of JSON each. */
export const linesOf = (...events: readonly object[]): string[] =>
  events.map((event, sequence) => JSON.stringify({ sequence, timestamp: 1_795_243_202, ...event }));
