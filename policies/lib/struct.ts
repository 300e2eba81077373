/**
 * How the engine's properties are read. google-protobuf makes a tree of messages of them, in which each level copies what
 * is below it, and then makes objects of that tree: a third of the time that rules cost a preview. Here the bytes become
 * objects at once, and only where somebody wants them (docs/decisions/0025).
 */
import analyzer from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import protobuf from "google-protobuf";
import struct from "google-protobuf/google/protobuf/struct_pb.js";

type Reader = protobuf.BinaryReader;
type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Reads every `google.protobuf.Struct` of this process so, from now on; nothing but `toJavaScript()` can be asked of it. */
export function readStructsStraight(): void {
  struct.Struct.deserializeBinaryFromReader = (message, reader) => {
    const [bytes, start] = [reader.getBuffer(), reader.getCursor()];
    while (reader.nextField()) reader.skipField();
    const length = reader.getCursor() - start;
    message.toJavaScript = () => objectIn(new protobuf.BinaryReader(bytes, start, length));
    return message;
  };
}

/** A resource as the engine shows it; its package has no types. */
interface Shown {
  getType(): string;
  getUrn(): string;
  getProperties(): struct.Struct | undefined;
}

/** What the engine asks about a whole stack, and about what may be put right in one resource. */
interface Questions {
  readonly analyzeStack: Question<{ getResourcesList(): readonly Shown[] }>;
  readonly remediate: Question<Shown>;
}
interface Question<Request> {
  requestDeserialize: (bytes: Uint8Array) => Request;
}

/**
 * Leaves unread what the SDK would read of resources and nobody asks for: they have no properties then. At the end of a
 * run that is twice as much as the program has written, and before a remedy as much as that, whether or not there is one.
 *
 * @param isKnown whether a resource of a whole stack, by its URN, is not to be read again
 * @param isRepaired whether something may be put right in resources of a type
 */
export function leaveUnread(isKnown: (urn: string) => boolean, isRepaired: (type: string) => boolean): void {
  const { AnalyzerService: service } = analyzer as unknown as { readonly AnalyzerService: Questions }; // the SDK serves it
  before(service.analyzeStack, (request) => {
    for (const shown of request.getResourcesList()) if (isKnown(shown.getUrn())) empty(shown);
  });
  before(service.remediate, (shown) => {
    if (!isRepaired(shown.getType())) empty(shown);
  });
}

function before<Request>(question: Question<Request>, look: (request: Request) => void): void {
  const read = question.requestDeserialize;
  question.requestDeserialize = (bytes) => {
    const request = read(bytes);
    look(request);
    return request;
  };
}

function empty(shown: Shown): void {
  const properties = shown.getProperties();
  if (properties !== undefined) properties.toJavaScript = () => ({});
}

/** What {@link inner} reads of the message that is next; google-protobuf wants one to fill, and passes it on unseen. */
function within<T>(reader: Reader, inner: (reader: Reader) => T): T {
  const read: { value?: T } = {};
  reader.readMessage(unfilled, () => {
    read.value = inner(reader);
  });
  return read.value as T; // readMessage has called it
}
const unfilled = new struct.Struct();

/** The fields of a Struct: pairs of a name and a Value (google/protobuf/struct.proto). */
function objectIn(reader: Reader): { [name: string]: Json } {
  const object: { [name: string]: Json } = {};
  while (reader.nextField()) {
    if (reader.getFieldNumber() !== 1) reader.skipField();
    else {
      const [name, value] = within(reader, pairIn);
      object[name] = value;
    }
  }
  return object;
}

function pairIn(reader: Reader): [name: string, value: Json] {
  const pair: [string, Json] = ["", null];
  while (reader.nextField()) {
    const field = reader.getFieldNumber();
    if (field === 1) pair[0] = reader.readString();
    else if (field === 2) pair[1] = within(reader, valueIn);
    else reader.skipField();
  }
  return pair;
}

/** One of six kinds, by the number of its field. */
function valueIn(reader: Reader): Json {
  let value: Json = null;
  while (reader.nextField()) {
    const read = kinds[reader.getFieldNumber()];
    if (read === undefined) reader.skipField();
    else value = read(reader);
  }
  return value;
}

const kinds: Readonly<Record<number, (reader: Reader) => Json>> = {
  1: (reader) => {
    reader.readEnum();
    return null;
  },
  2: (reader) => reader.readDouble(),
  3: (reader) => reader.readString(),
  4: (reader) => reader.readBool(),
  5: (reader) => within(reader, objectIn),
  6: (reader) => within(reader, listIn),
};

function listIn(reader: Reader): Json[] {
  const list: Json[] = [];
  while (reader.nextField()) {
    if (reader.getFieldNumber() === 1) list.push(within(reader, valueIn));
    else reader.skipField();
  }
  return list;
}
