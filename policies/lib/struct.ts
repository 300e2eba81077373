/**
 * How the engine's properties are read. google-protobuf makes a tree of messages of them, in which each level copies what
 * is below it, and then makes objects of that tree: a third of the time that rules cost a preview. Here the bytes become
 * objects at once, and only where somebody wants them (docs/decisions/0025).
 */
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
    const read = (names?: readonly string[]) => objectIn(new protobuf.BinaryReader(bytes, start, length), names);
    message.toJavaScript = () => read();
    partly.set(message, read);
    return message;
  };
}

/** Reads the fields of some names of a Struct. */
const partly = new WeakMap<struct.Struct, (names: readonly string[]) => Record<string, struct.JavaScriptValue>>();

/** Leaves all fields of a Struct unread but those of some names. */
export function readOnly(message: struct.Struct, names: readonly string[]): void {
  const read = partly.get(message);
  if (read !== undefined) message.toJavaScript = () => read(names);
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

/** The fields of a Struct, or those of some names: pairs of a name and a Value (google/protobuf/struct.proto). */
function objectIn(reader: Reader, names?: readonly string[]): { [name: string]: Json } {
  const object: { [name: string]: Json } = {};
  while (reader.nextField()) {
    if (reader.getFieldNumber() !== 1) reader.skipField();
    else {
      const [name, value] = within(reader, (pair) => pairIn(pair, names));
      if (names === undefined || names.includes(name)) object[name] = value;
    }
  }
  return object;
}

function pairIn(reader: Reader, names?: readonly string[]): [name: string, value: Json] {
  const pair: [string, Json] = ["", null];
  while (reader.nextField()) {
    const field = reader.getFieldNumber();
    if (field === 1) pair[0] = reader.readString();
    // Whoever writes a Struct writes its names first. A value in front of its name is read, and is dropped then.
    else if (field === 2 && (names === undefined || pair[0] === "" || names.includes(pair[0])))
      pair[1] = within(reader, valueIn);
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
  5: (reader) => within(reader, (inner) => objectIn(inner)),
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
