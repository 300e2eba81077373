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
  /** Present when the engine refuses to delete it. */
  readonly protect?: true;
  /** Present when it stays as it is once the engine forgets it. */
  readonly retainOnDelete?: true;
  /** The inputs that others change, when there are any. */
  readonly ignoreChanges?: readonly string[];
}

/** What stands in recorded inputs in the place of a secret. */
export const secret = "[secret]";

/** A program's registrations, sorted by URN, and what it returned. Two with one URN are two entries. */
export interface Recording<T> {
  readonly resources: readonly Recorded[];
  readonly result: T;
}

/** What a server adds to an object of a name, as far as the platform reads it. */
const serverSide = (type: string, name: string): object => ({
  ...(type.startsWith("aws:") ? { arn: `${name}-arn` } : {}),
  ...serverSides[type],
  ...awsSides[type]?.(name),
});

const serverSides: Readonly<Record<string, object>> = {
  "kubernetes:core/v1:Service": {
    spec: { clusterIP: "10.43.0.80" },
    status: { loadBalancer: { ingress: [{ hostname: "lb.example" }] } },
  },
  // The provider's own name for what says none.
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy": { metadata: { name: "named-by-pulumi" } },
};

/** What AWS makes up is told by the name of what it belongs to, as the ids are. */
const awsSides: Readonly<Record<string, (name: string) => object>> = {
  "aws:ec2/eip:Eip": (name) => ({ allocationId: `${name}-id`, publicIp: `${name}-ip` }),
  "aws:ec2/launchTemplate:LaunchTemplate": (name) => ({ latestVersion: `${name}-version` }),
  "aws:eks/cluster:Cluster": (name) => ({
    certificateAuthority: { data: "Q0E=" },
    endpoint: `https://${name}.example`,
    vpcConfig: { clusterSecurityGroupId: `${name}-security-group` },
  }),
  "aws:kms/key:Key": (name) => ({ keyId: `${name}-id` }),
};

/** How a program is run. */
export interface RecordOptions {
  /** Whether it is a preview, in which what the server adds is unknown. @default false */
  readonly preview?: boolean;
  /** What the stack's own last run put out. @default nothing, as before the first run */
  readonly lastOutputs?: object;
  /** Does a provider's work for a resource, and gives its outputs. @default what the server adds */
  readonly provide?: (work: ProviderWork) => Promise<object>;
}

/** What a provider is told of a resource. */
export interface ProviderWork {
  readonly resource: Recorded;
  /** The inputs in clear. */
  readonly inputs: Record<string, unknown>;
  /** The outputs that are secrets. */
  readonly secretOutputs: readonly string[];
  readonly deleteBeforeReplace: boolean;
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
    newResource: async ({ type, name, inputs: given }) => {
      const inputs = given as Record<string, unknown>;
      const own = resources.find((one) => one.type === type && one.name === name);
      const added =
        options.provide !== undefined && own !== undefined
          ? await options.provide({ resource: own, inputs: inClear(inputs), ...engineOptions(own.urn) })
          : options.preview === true
            ? {}
            : serverSide(type, name);
      return { id: `${name}-id`, state: merged(inputs, added) };
    },
  };
  await pulumi.runtime.setMocks(mocks, "quintet", "test", options.preview ?? false, "organization");
  const { resources, engineOptions } = listen();
  const result = await withCheapTraces(() => Promise.resolve(program()).finally(() => pulumi.runtime.disconnect()));
  if (calls.length > 0) throw new Error(`The program calls ${calls.join(", ")}: plan it in test/lib/record.ts.`);
  return { resources: resources.sort((a, b) => (a.urn < b.urn ? -1 : 1)), result };
}

/**
 * The SDK keeps a stack trace for every promise, to name those that leak, and one of every frame for each resource. Jest
 * would allow a hundred frames, and map each to its source: more than half of a recording's time.
 */
async function withCheapTraces<T>(run: () => Promise<T>): Promise<T> {
  const usual = { ...Error }; // what jest has set
  Error.stackTraceLimit = 3;
  Error.prepareStackTrace = (error, frames) => [String(error), ...frames.map(String)].join("\n    at ");
  try {
    return await run();
  } finally {
    Object.assign(Error, { prepareStackTrace: undefined }, usual);
  }
}

/** The value of an output of a recorded update. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

/** Listens at the monitor, since a mock's own callback is told neither a resource's parent nor its secrets. */
function listen() {
  // setMocks has just put its MockMonitor there, whose class the SDK does not export.
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  const resources: Recorded[] = [];
  const requests = new Map<string, Registration>();
  monitor.registerResource = (request, callback) => {
    const urn = monitor.newUrn(request.getParent(), request.getType(), request.getName());
    const [provider, deletedWith] = [request.getProvider(), request.getDeletedwith()];
    requests.set(urn, request);
    resources.push({
      urn,
      type: request.getType(),
      name: request.getName(),
      inputs: redacted(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
      custom: request.getCustom(),
      after: [...new Set(request.getDependenciesList().map(shortName))].sort(),
      ...(provider === "" ? {} : { provider: shortName(provider.slice(0, provider.lastIndexOf("::"))) }),
      ...(deletedWith === "" ? {} : { deletedWith: shortName(deletedWith) }),
      ...(request.getProtect() ? { protect: true } : {}),
      ...(request.getRetainondelete() ? { retainOnDelete: true } : {}),
      ...(request.getIgnorechangesList().length > 0 ? { ignoreChanges: request.getIgnorechangesList() } : {}),
    });
    return register(request, callback);
  };
  const engineOptions = (urn: string) => ({
    secretOutputs: requests.get(urn)?.getAdditionalsecretoutputsList() ?? [],
    deleteBeforeReplace: requests.get(urn)?.getDeletebeforereplace() ?? false,
  });
  return { resources, engineOptions };
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
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getDeletebeforereplace(): boolean;
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

/** Inputs without the marks of secrets, which the SDK puts on whole inputs. */
const inClear = (inputs: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [
      key,
      isRecord(value) && value[signatureKey] === secretSignature ? value["value"] : value,
    ]),
  );

function merged(left: Record<string, unknown>, right: object): Record<string, unknown> {
  const both = Object.entries(right).map(([key, value]: [string, unknown]) => {
    const old = left[key];
    return [key, isRecord(old) && isRecord(value) ? merged(old, value) : value] as const;
  });
  return { ...left, ...Object.fromEntries(both) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
