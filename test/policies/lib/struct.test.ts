import fc from "fast-check";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import { readStructsStraight } from "../../../policies/lib/struct.ts";

/** As much of a message as is asked here; the SDK ships no types of it. */
interface Request {
  setType(type: string): void;
  setUrn(urn: string): void;
  setProperties(properties: struct.Struct): void;
  getType(): string;
  getUrn(): string;
  getProperties(): struct.Struct;
  serializeBinary(): Uint8Array;
}
const { AnalyzeRequest } = analyzer as unknown as {
  readonly AnalyzeRequest: { new (): Request; deserializeBinary(bytes: Uint8Array): Request };
};

/** What the engine sends, and how google-protobuf itself reads it: it is asked before it is replaced. */
function sent(properties: Record<string, struct.JavaScriptValue>) {
  const request = new AnalyzeRequest();
  request.setType("kubernetes:apps/v1:Deployment");
  request.setProperties(struct.Struct.fromJavaScript(properties));
  request.setUrn("urn:web");
  const bytes = request.serializeBinary();
  return { bytes, read: AnalyzeRequest.deserializeBinary(bytes).getProperties().toJavaScript() };
}

const name = fc.string().filter((text) => text !== "__proto__");
const { value: json } = fc.letrec<{ value: struct.JavaScriptValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.string({ unit: "binary" }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 4 }),
  ),
}));
const cases = fc
  .sample(fc.dictionary(name, json, { noNullPrototype: true, maxKeys: 6 }), { numRuns: 1000, seed: 20_261_122 })
  .map(sent);
const empty = new Uint8Array();
readStructsStraight();

test("whatever is sent is read as google-protobuf reads it, and so is what comes after it", () => {
  for (const { bytes, read } of cases) {
    const request = AnalyzeRequest.deserializeBinary(bytes);
    expect(request.getProperties().toJavaScript()).toEqual(read);
    expect([request.getType(), request.getUrn()]).toEqual(["kubernetes:apps/v1:Deployment", "urn:web"]);
  }
  expect(cases.filter(({ read }) => Object.keys(read).length > 2).length).toBeGreaterThan(300);
});

test("fields that it does not know are passed over", () => {
  const bytes = struct.Struct.fromJavaScript({ name: "web" }).serializeBinary();
  const unknown = [0x12, 0x03, 0x61, 0x62, 0x63]; // field 2, three bytes long
  expect(struct.Struct.deserializeBinary(new Uint8Array([...unknown, ...bytes])).toJavaScript()).toEqual({
    name: "web",
  });
  expect(struct.Struct.deserializeBinary(empty).toJavaScript()).toEqual({});
});

describe("bytes", () => {
  const read = (bytes: readonly number[]) => struct.Struct.deserializeBinary(new Uint8Array(bytes)).toJavaScript();
  /** A field of a number that has a length: a text, or a message. */
  const field = (number: number, content: readonly number[]) => [(number << 3) | 2, content.length, ...content];
  const text = (number: number, content: string) => field(number, [...Buffer.from(content)]);
  const pair = (content: readonly number[]) => field(1, content);
  /** A Struct in which the field "a" has a Value. */
  const a = (...value: readonly number[]) => pair([...text(1, "a"), ...field(2, value)]);

  // The numbers of fields are those of google/protobuf/struct.proto.
  test.each<[string, value: readonly number[], read: unknown]>([
    ["null", [0x08, 0], null],
    ["a number", [0x11, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f], 1.5],
    ["a text", text(3, "é"), "é"],
    ["an empty text", text(3, ""), ""],
    ["true", [0x20, 1], true],
    ["false", [0x20, 0], false],
    ["an object", field(5, a(0x20, 1)), { a: true }],
    ["an empty object", field(5, []), {}],
    ["a list", field(6, [...field(1, [0x20, 1]), ...field(1, text(3, "b"))]), [true, "b"]],
    ["an empty list", field(6, []), []],
    ["no value", [], null],
    ["the last of several values", [0x20, 1, ...text(3, "b")], "b"],
    ["null after another value", [...text(3, "b"), 0x08, 0], null],
  ])("that are %s", (_, value, expected) => {
    expect(read([...a(...value), ...pair([...text(1, "z"), ...field(2, text(3, "end"))])])).toStrictEqual({
      a: expected,
      z: "end",
    });
  });

  test("have the parts of a field in any order, and need not have all of them", () => {
    expect(read(pair([...field(2, text(3, "web")), ...text(1, "name")]))).toEqual({ name: "web" });
    expect(read(pair(text(1, "name")))).toEqual({ name: null });
    expect(read(pair(field(2, text(3, "web"))))).toEqual({ "": "web" });
    expect(read([...a(0x20, 1), ...a(0x20, 0)])).toEqual({ a: false });
  });

  test.each<[string, bytes: readonly number[], read: unknown]>([
    ["an object", [...text(2, "x"), ...a(0x20, 1), ...text(2, "x")], { a: true }],
    ["a field", pair([...text(3, "x"), ...text(1, "a"), ...text(3, "x"), ...field(2, [0x20, 1])]), { a: true }],
    ["a value", a(...text(7, "x"), 0x20, 1, ...text(7, "x")), { a: true }],
    ["a list", a(...field(6, [...text(2, "x"), ...field(1, [0x20, 1]), ...text(2, "x")])), { a: [true] }],
  ])("of %s that mean nothing here are passed over", (_, bytes, expected) => {
    expect(read(bytes)).toEqual(expected);
  });
});
