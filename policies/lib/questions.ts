/** What the engine asks a pack, and what is done before the SDK hears of it (docs/decisions/0025). */
import analyzer from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import type struct from "google-protobuf/google/protobuf/struct_pb.js";
import { readOnly } from "./struct.ts";

/** A resource as the engine shows it; its package has no types. */
interface Shown {
  getType(): string;
  getUrn(): string;
  getProperties(): struct.Struct | undefined;
}

/** About one resource, about what may be put right in it, and about a whole stack; and how the rules are set, before. */
interface Questions {
  readonly analyze: Question<Shown>;
  readonly remediate: Question<Shown>;
  readonly analyzeStack: Question<{ getResourcesList(): readonly Shown[] }>;
  readonly configure: Question<unknown>;
}
interface Question<Request> {
  requestDeserialize: (bytes: Uint8Array) => Request;
}

const { AnalyzerService: service } = analyzer as unknown as { readonly AnalyzerService: Questions }; // the SDK serves it

/** What somebody asks of resources. */
export interface Wanted {
  /** Whether a resource of a whole stack, by its URN, is not to be read again. */
  readonly isKnown: (urn: string) => boolean;
  /** Whether something may be put right in resources of a type. */
  readonly isRepaired: (type: string) => boolean;
  /** The properties that are looked at in resources of a type; `undefined` for all of them. */
  readonly namesOf: (type: string) => readonly string[] | undefined;
}

/**
 * Leaves unread what the SDK would read of resources and nobody asks for: they do not have those properties then. At the
 * end of a run that is twice as much as the program has written, and before a remedy as much as that, whether or not
 * there is one.
 */
export function leaveUnread({ isKnown, isRepaired, namesOf }: Wanted): void {
  before(service.analyzeStack, (request) => {
    for (const shown of request.getResourcesList()) if (isKnown(shown.getUrn())) leaveOnly(shown, []);
  });
  before(service.remediate, (shown) => {
    if (!isRepaired(shown.getType())) leaveOnly(shown, []);
  });
  before(service.analyze, (shown) => {
    const names = namesOf(shown.getType());
    if (names !== undefined) leaveOnly(shown, names);
  });
}

/** Calls once the engine has said how the rules are set, and has had its answer: it loads the program then. */
export function onceSet(call: () => void): void {
  before(service.configure, () => {
    setTimeout(call, answered);
  });
}

/** Milliseconds in which an answer is on its way. */
const answered = 10;

function before<Request>(question: Question<Request>, look: (request: Request) => void): void {
  const read = question.requestDeserialize;
  question.requestDeserialize = (bytes) => {
    const request = read(bytes);
    look(request);
    return request;
  };
}

function leaveOnly(shown: Shown, names: readonly string[]): void {
  const properties = shown.getProperties();
  if (properties !== undefined) readOnly(properties, names);
}
