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
