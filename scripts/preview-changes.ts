/** What a preview would change, as plain data, read from the engine's events. No secret is in it. */
import { stripVTControlCharacters } from "node:util";
import type { EngineEvent, StepEventMetadata, StepEventStateMetadata } from "@pulumi/pulumi/automation/events.js";

/** What happens to a resource, the most serious first. */
export const operations = ["delete", "replace", "update", "import", "create"] as const;

/** One of {@link operations}. The engine's others are their steps, or change nothing. */
export type Operation = (typeof operations)[number];

/** A property that changes; the path "" stands for all of them. */
export interface PropertyChange {
  /** As the engine writes it: `data["app.conf"]`, `spec.containers[0].image`. */
  readonly path: string;
  /** undefined: it was not there, or will not be. */
  readonly old: unknown;
  readonly new: unknown;
  readonly forcesReplacement: boolean;
}

/** A resource that changes. */
export interface Change {
  readonly operation: Operation;
  readonly type: string;
  readonly name: string;
  /** True when the engine refuses to delete it. */
  readonly protect: boolean;
  readonly properties: readonly PropertyChange[];
}

/** A policy's objection. */
export interface Violation {
  readonly policy: string;
  /** True when it stops `up`. */
  readonly mandatory: boolean;
  readonly message: string;
}

/** What a rule of the level remediate adds to a resource. */
export interface Remedied {
  readonly type: string;
  readonly name: string;
  readonly properties: readonly PropertyChange[];
}

/** All that a preview says. */
export interface Preview {
  readonly succeeded: boolean;
  /** Sorted by operation as in {@link operations}, then by type and name. */
  readonly changes: readonly Change[];
  /** How many resources stay as they are. */
  readonly unchanged: number;
  /** The stack's outputs that change. */
  readonly outputs: readonly PropertyChange[];
  readonly violations: readonly Violation[];
  readonly remedied: readonly Remedied[];
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Reads the lines of `pulumi preview --json` with PULUMI_ENABLE_STREAMING_JSON_PREVIEW: one event each.
 *
 * Debug messages are dropped here, because they alone carry secrets in the clear (base64 of a Secret's data). In all
 * other events the engine has blinded them (`convertStepEventStateMetadata` in pulumi/pkg/backend/display/events.go).
 */
export function readEvents(lines: readonly string[]): EngineEvent[] {
  return lines
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as EngineEvent)
    .filter(({ diagnosticEvent }) => (diagnosticEvent?.severity as string | undefined) !== "debug"); // not in its type
}

/** What the events of a preview come to. */
export function previewOf(events: readonly EngineEvent[], succeeded: boolean): Preview {
  const steps = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
  const summary = events.find(({ summaryEvent }) => summaryEvent !== undefined)?.summaryEvent;
  const root = events.findLast(({ resOutputsEvent }) => resOutputsEvent?.metadata.type === "pulumi:pulumi:Stack");
  return {
    succeeded,
    changes: steps.flatMap(changeOf).sort(bySeriousness),
    unchanged: summary?.resourceChanges.same ?? 0,
    outputs: succeeded ? outputsOf(root?.resOutputsEvent?.metadata) : [],
    violations: events.flatMap(({ policyEvent: event }) =>
      event === undefined
        ? []
        : [
            {
              policy: event.policyName,
              mandatory: event.enforcementLevel === "mandatory",
              message: plain(event.message),
            },
          ],
    ),
    remedied: events.flatMap(remediedOf),
    errors: messages(events, "error").filter((message) => message !== "preview failed"), // the other errors say why
    warnings: messages(events, "warning"),
  };
}

function changeOf(step: StepEventMetadata): Change[] {
  const operation = operations.find((known) => known === step.op);
  if (operation === undefined) return [];
  return [
    {
      operation,
      type: step.type,
      name: nameOf(step.urn),
      protect: (step.new ?? step.old)?.protect ?? false,
      properties: propertiesOf(operation, step),
    },
  ];
}

/** The SDK's types do not know this one (pulumi/sdk/go/common/apitype/events.go). */
interface RemediationEvent {
  readonly policyRemediationEvent?: {
    readonly resourceUrn: string;
    readonly before?: object;
    readonly after?: object;
  };
}

function remediedOf(event: EngineEvent & RemediationEvent): Remedied[] {
  if (event.policyRemediationEvent === undefined) return [];
  const { resourceUrn: urn, before, after } = event.policyRemediationEvent;
  const properties = differencesOf(shown(before), shown(after));
  return [{ type: urn.split("::").at(-2)?.split("$").at(-1) ?? "", name: nameOf(urn), properties }];
}

const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

/** What one value has otherwise than another, at the deepest paths. */
function differencesOf(old: unknown, next: unknown, path = ""): PropertyChange[] {
  const [before, after] = [membersOf(old), membersOf(next)];
  if (before === undefined || after === undefined) {
    if (JSON.stringify(old) === JSON.stringify(next)) return [];
    return [{ path, old, new: next, forcesReplacement: false }];
  }
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((step) =>
    differencesOf(before.get(step), after.get(step), path === "" ? step.replace(/^\./, "") : path + step),
  );
}

/** The members of a list or an object, by their steps in a path of the engine's. */
function membersOf(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const stepTo = (key: string) =>
    Array.isArray(value) ? `[${key}]` : /^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  return new Map(Object.entries(value).map(([key, member]) => [stepTo(key), member as unknown]));
}

/** The engine's JSON has null where its type says that a key may be missing. */
type Side = StepEventStateMetadata | null | undefined;

function propertiesOf(operation: Operation, { old, new: next, ...step }: StepEventMetadata): PropertyChange[] {
  const [before, after] = [shown((old as Side)?.inputs), shown((next as Side)?.inputs)];
  if (operation === "delete") return [{ path: "", old: before, new: undefined, forcesReplacement: false }];
  if (operation === "create" || operation === "import") {
    return [{ path: "", old: undefined, new: after, forcesReplacement: false }];
  }
  const state = shown((old as Side)?.outputs); // a provider may compare with these
  const details = (step.detailedDiff as typeof step.detailedDiff | null) ?? {};
  const paths = Object.keys(details).length > 0 ? Object.keys(details) : (step.diffs ?? []);
  return paths.sort().map((path) => {
    const kind = details[path]?.diffKind ?? "update";
    return {
      path,
      old: kind.startsWith("add") ? undefined : (valueAt(before, path) ?? valueAt(state, path)),
      new: kind.startsWith("delete") ? undefined : valueAt(after, path),
      forcesReplacement: (step.keys ?? []).includes(path),
    };
  });
}

function outputsOf(step: StepEventMetadata | undefined): PropertyChange[] {
  const side = (state: Side) => (shown(state?.outputs) ?? {}) as Record<string, unknown>;
  const [old, next] = [side(step?.old), side(step?.new)];
  return [...new Set([...Object.keys(old), ...Object.keys(next)])]
    .sort()
    .filter((path) => JSON.stringify(old[path]) !== JSON.stringify(next[path]))
    .map((path) => ({ path, old: old[path], new: next[path], forcesReplacement: false }));
}

function bySeriousness(a: Change, b: Change): number {
  const key = ({ operation, type, name }: Change) => `${String(operations.indexOf(operation))} ${type} ${name}`;
  return key(a) < key(b) ? -1 : 1;
}

function messages(events: readonly EngineEvent[], severity: "error" | "warning"): string[] {
  const all = events.flatMap(({ diagnosticEvent: event }) =>
    event?.severity === severity && event.ephemeral !== true ? [plain(event.message)] : [],
  );
  return [...new Set(all)];
}

const plain = (text: string): string => stripVTControlCharacters(text).trim();

/** How the engine's JSON marks a secret, and a value that is known only after `up` (pulumi/sdk/go/common/resource). */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The value as it is shown, with the engine's own words for what is not. */
function shown(value: unknown): unknown {
  if (value === unknownValue) return "[unknown]";
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  if ((value as Record<string, unknown>)[signature] === secretSignature) return "[secret]";
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (key.startsWith("__") ? [] : [[key, shown(item)]])),
  );
}

/** The value at the engine's path; everything inside a secret is one. */
function valueAt(value: unknown, path: string): unknown {
  const keys = [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, word]) => quoted?.replace(/\\(.)/g, "$1") ?? index ?? word ?? "",
  );
  return keys.reduce<unknown>((at, key) => {
    if (at === "[secret]" || typeof at !== "object" || at === null) return at === "[secret]" ? at : undefined;
    return (at as Record<string, unknown>)[key];
  }, value);
}
