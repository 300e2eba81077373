import { setTimeout as sleep } from "node:timers/promises";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import services from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { leaveUnread, onceSet } from "../../../policies/lib/questions.ts";
import { readStructsStraight } from "../../../policies/lib/struct.ts";

/** As much of a message as is asked here; the SDK ships no types of it. */
interface Request {
  setType(type: string): void;
  setUrn(urn: string): void;
  setProperties(properties: struct.Struct): void;
  serializeBinary(): Uint8Array;
}
const { AnalyzeRequest } = analyzer as unknown as { readonly AnalyzeRequest: new () => Request };
readStructsStraight();

describe("left unread", () => {
  interface Shown {
    getUrn(): string;
    getProperties(): struct.Struct | undefined;
  }
  interface Stack {
    setResourcesList(list: readonly Request[]): void;
    serializeBinary(): Uint8Array;
  }
  const { AnalyzerResource, AnalyzeStackRequest } = analyzer as unknown as {
    readonly AnalyzerResource: new () => Request;
    readonly AnalyzeStackRequest: new () => Stack;
  };
  const { AnalyzerService } = services as unknown as {
    readonly AnalyzerService: {
      readonly analyzeStack: {
        readonly requestDeserialize: (bytes: Uint8Array) => { getResourcesList(): readonly Shown[] };
      };
      readonly remediate: { readonly requestDeserialize: (bytes: Uint8Array) => Shown };
      readonly analyze: { readonly requestDeserialize: (bytes: Uint8Array) => Shown };
    };
  };
  const filled = <T extends Request>(resource: T, type: string, urn: string, properties?: object) => {
    resource.setType(type);
    resource.setUrn(urn);
    if (properties !== undefined) resource.setProperties(struct.Struct.fromJavaScript({ ...properties }));
    return resource;
  };
  const read = (shown: Shown) => [shown.getUrn(), shown.getProperties()?.toJavaScript()];
  const [pod, claim] = ["kubernetes:core/v1:Pod", "kubernetes:core/v1:PersistentVolumeClaim"];
  leaveUnread({
    isKnown: (urn) => urn === "urn:web",
    isRepaired: (type) => type === pod,
    namesOf: (type) => (type === claim ? ["kind", "metadata"] : undefined),
  });

  test("of a whole stack is what is known", () => {
    const stack = new AnalyzeStackRequest();
    const shown = (urn: string, properties?: object) => filled(new AnalyzerResource(), pod, urn, properties);
    stack.setResourcesList([shown("urn:web", { replicas: 3 }), shown("urn:api", { replicas: 3 }), shown("urn:web")]);
    const request = AnalyzerService.analyzeStack.requestDeserialize(stack.serializeBinary());
    expect(request.getResourcesList().map(read)).toEqual([
      ["urn:web", {}],
      ["urn:api", { replicas: 3 }],
      ["urn:web", undefined],
    ]);
  });

  test("of what may be put right is what never is", () => {
    const asked = (type: string, properties?: object) => {
      const bytes = filled(new AnalyzeRequest(), type, "urn:web", properties).serializeBinary();
      return read(AnalyzerService.remediate.requestDeserialize(bytes));
    };
    expect(asked(pod, { replicas: 3 })).toEqual(["urn:web", { replicas: 3 }]);
    expect(asked(claim, { replicas: 3 })).toEqual(["urn:web", {}]);
    expect(asked(claim)).toEqual(["urn:web", undefined]);
  });

  test("of one resource is what nobody looks at", () => {
    const asked = (type: string, properties?: object) => {
      const bytes = filled(new AnalyzeRequest(), type, "urn:web", properties).serializeBinary();
      return read(AnalyzerService.analyze.requestDeserialize(bytes));
    };
    const whole = { kind: "Claim", metadata: { name: "web", spec: { kind: "inner" } }, spec: { kind: "lost" }, "": 1 };
    expect(asked(pod, whole)).toEqual(["urn:web", whole]);
    expect(asked(claim, whole)).toEqual(["urn:web", { kind: whole.kind, metadata: whole.metadata }]);
    expect(asked(claim, { spec: {} })).toEqual(["urn:web", {}]);
    expect(asked(claim)).toEqual(["urn:web", undefined]);
  });
});

test("once the rules are set, the engine has had its answer before anything else is done", async () => {
  const { AnalyzerService } = services as unknown as {
    readonly AnalyzerService: { readonly configure: { readonly requestDeserialize: (bytes: Uint8Array) => unknown } };
  };
  const calls: string[] = [];
  onceSet(() => calls.push("called"));
  AnalyzerService.configure.requestDeserialize(new Uint8Array());
  setImmediate(() => calls.push("answered"));
  await sleep(50);
  expect(calls).toEqual(["answered", "called"]);
});
