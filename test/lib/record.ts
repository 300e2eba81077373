/** The only mock of the Pulumi engine: it records every registration, and a call that nobody planned fails the test. */
import * as pulumi from "@pulumi/pulumi";

/** One registration, as the engine sees it. Resources are named by `type::name`, the end of their URN. */
export interface Recorded {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** The inputs, with {@link secret} where a secret is. */
  readonly inputs: Record<string, unknown>;
  readonly custom: boolean;
  /** The explicit provider; absent when the engine would take a default one. */
  readonly provider?: string;
  readonly deletedWith?: string;
  /** What must exist before, by data and by `dependsOn`. */
  readonly after: readonly string[];
}

/** What stands in recorded inputs in the place of a secret. */
export const secret = "[secret]";

/** A program's registrations, sorted by URN, and what it returned. Two with one URN are two entries. */
export interface Recording<T> {
  readonly resources: readonly Recorded[];
  readonly result: T;
}

/** What a server adds to an object, as far as the platform reads it. */
const serverSide: Readonly<Record<string, object>> = {
  "kubernetes:core/v1:Service": { spec: { clusterIP: "10.43.0.80" } },
  // The provider's own name for what says none.
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy": { metadata: { name: "named-by-pulumi" } },
};

/** How a program is run. */
export interface RecordOptions {
  /** Whether it is a preview, in which what the server adds is unknown. @default false */
  readonly preview?: boolean;
  /** What the stack's own last run put out. @default nothing, as before the first run */
  readonly lastOutputs?: object;
}

/**
 * Runs a program on a mocked engine and waits until everything is registered.
 *
 * @param program what would stand in index.ts
 */
export async function record<T>(program: () => T | Promise<T>, options: RecordOptions = {}): Promise<Recording<T>> {
  const calls: string[] = [];
  const mocks: pulumi.runtime.Mocks = {
    call: ({ token }) => {
      if (token === "pulumi:pulumi:readStackOutputs") return { outputs: options.lastOutputs ?? {} };
      calls.push(token);
      return {};
    },
    newResource: ({ type, name, inputs }) => ({
      id: `${name}-id`,
      state: merged(inputs as Record<string, unknown>, options.preview === true ? {} : (serverSide[type] ?? {})),
    }),
  };
  await pulumi.runtime.setMocks(mocks, "quintet", "test", options.preview ?? false, "organization");
  const resources = listen();
  const result = await Promise.resolve(program()).finally(() => pulumi.runtime.disconnect());
  if (calls.length > 0) throw new Error(`The program calls ${calls.join(", ")}: plan it in test/lib/record.ts.`);
  return { resources: resources.sort((a, b) => (a.urn < b.urn ? -1 : 1)), result };
}

/** The value of an output of a recorded update. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

/** Listens at the monitor, since a mock's own callback is told neither a resource's parent nor its secrets. */
function listen(): Recorded[] {
  // setMocks has just put its MockMonitor there, whose class the SDK does not export.
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  const recorded: Recorded[] = [];
  monitor.registerResource = (request, callback) => {
    const urn = monitor.newUrn(request.getParent(), request.getType(), request.getName());
    const [provider, deletedWith] = [request.getProvider(), request.getDeletedwith()];
    recorded.push({
      urn,
      type: request.getType(),
      name: request.getName(),
      inputs: redacted(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
      custom: request.getCustom(),
      after: [...new Set(request.getDependenciesList().map(shortName))].sort(),
      ...(provider === "" ? {} : { provider: shortName(provider.slice(0, provider.lastIndexOf("::"))) }),
      ...(deletedWith === "" ? {} : { deletedWith: shortName(deletedWith) }),
    });
    return register(request, callback);
  };
  return recorded;
}

/** What is used of the SDK's MockMonitor. */
interface Monitor {
  registerResource: (request: Registration, callback: unknown) => Promise<void>;
  newUrn: (parent: string, type: string, name: string) => string;
}

/** What is read of the engine's RegisterResourceRequest. */
interface Registration {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProvider(): string;
  getDeletedwith(): string;
  getCustom(): boolean;
  getDependenciesList(): string[];
  getObject(): { toJavaScript(): object } | undefined;
}

/** "type::name" of a URN. */
const shortName = (urn: string) => urn.replace(/^.*::(?:[^:]+\$)?(?=[^$]+::)/, "").replace(/^.*\$/, "");

/** The key and value by which the engine's protocol marks a secret (sdk/nodejs/runtime/rpc.ts). */
const [signatureKey, secretSignature] = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"];

function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (entries.some(([key, sign]) => key === signatureKey && sign === secretSignature)) return secret;
  return Object.fromEntries(entries.map(([key, inner]) => [key, redacted(inner)]));
}

function merged(left: Record<string, unknown>, right: object): Record<string, unknown> {
  const both = Object.entries(right).map(([key, value]: [string, unknown]) => {
    const old = left[key];
    return [key, isRecord(old) && isRecord(value) ? merged(old, value) : value] as const;
  });
  return { ...left, ...Object.fromEntries(both) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
