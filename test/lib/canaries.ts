/** Secrets that are planted where secrets come in, and a search that finds them wherever they come out. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { sshKeyPair } from "./ssh-keys.ts";

/** Where a secret comes in: each gets a canary of its own. */
export const places = [
  "sshPrivateKey",
  "sshPassphrase",
  "k3sToken",
  "registryUsername",
  "registryPassword",
  "otherRegistryUsername",
  "otherRegistryPassword",
  "backupKeyId",
  "backupSecretKey",
  "grafanaPassword",
  "remoteWriteSecret",
  "alertReceiverSecret",
  "kubeconfigClientKey",
  "kubeconfigToken",
  "kubeconfigExecEnvironment",
  "environmentCloudKey",
  "environmentStatePassphrase",
] as const;

/** Where a secret comes in. */
export type Place = (typeof places)[number];

/** One planted secret for each place, all different and made anew each time. */
export type Canaries = Readonly<Record<Place, string>>;

/** Makes the canaries. Those that a person types carry the characters that every encoding writes differently. */
export function makeCanaries(): Canaries {
  const plain = () => `canary${randomBytes(18).toString("hex")}`;
  const typed = () => `ca "n'o\\ry/+&é<${randomBytes(12).toString("hex")}>`;
  const sshPassphrase = typed();
  return {
    sshPrivateKey: sshKey(sshPassphrase),
    sshPassphrase,
    k3sToken: plain(),
    registryUsername: plain(),
    registryPassword: typed(),
    otherRegistryUsername: plain(),
    otherRegistryPassword: typed(),
    backupKeyId: plain(),
    backupSecretKey: typed(),
    grafanaPassword: typed(),
    remoteWriteSecret: typed(),
    alertReceiverSecret: typed(),
    kubeconfigClientKey: generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    kubeconfigToken: plain(),
    kubeconfigExecEnvironment: plain(),
    environmentCloudKey: plain(),
    environmentStatePassphrase: typed(),
  };
}

/** An encrypted key as ssh-keygen writes it. */
const sshKey = (passphrase: string) => sshKeyPair("ed25519", passphrase).private;

/** A canary that has come out: which one, in which form, and where in what was searched. */
export interface Finding {
  readonly place: Place;
  readonly form: string;
  /** The way to the text: keys and indexes, joined by dots. */
  readonly at: string;
}

/** Searches for canaries; made once for many searches. */
export interface Search {
  /**
   * Finds every canary in a text, or in any value by all of its texts: keys, Maps, Buffers and errors included.
   *
   * @returns each canary once for each form and place in the value
   */
  readonly find: (value: unknown) => Finding[];
}

/** A search for some canaries in clear and in every encoding that a log, a state, a manifest or a command might use. */
export function searchFor(canaries: Partial<Canaries>): Search {
  const needles = Object.entries(canaries).flatMap(([place, secret]) =>
    secretsIn(secret).flatMap((part) =>
      formsOf(part).map(({ form, needle }) => ({ place: place as Place, form, needle: folded(needle) })),
    ),
  );
  const inText = (text: string, at: string): Finding[] => {
    const haystack = folded(text);
    const found = needles.filter(({ needle }) => haystack.includes(needle));
    return [...new Map(found.map(({ place, form }) => [`${place} ${form}`, { place, form, at }])).values()];
  };
  return { find: (value) => [...textsOf(value, "", new Set())].flatMap(([at, text]) => inText(text, at)) };
}

/** A key is as lost by one of its lines; those of its first half may hold the public part, or what all keys start with. */
function secretsIn(secret: string): string[] {
  const lines = secret.split("\n").filter((line) => line.length >= 16 && !line.startsWith("-----"));
  return [...new Set([secret, ...lines.slice(Math.floor(lines.length / 2))])];
}

/** Case and white space do not hide a secret: base64 is wrapped, hex and percent signs are written in either case. */
const folded = (text: string) => text.replace(/\\[nr]|\s/g, "").toLowerCase();

interface Form {
  readonly form: string;
  readonly needle: string;
}

/** The forms of a secret: escaped in one way or another, in hex, in base64, and base64 in base64. */
function formsOf(secret: string): Form[] {
  const bytes = Buffer.from(secret);
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  const once = base64Parts(bytes);
  return [
    { form: "clear", needle: secret },
    { form: "json", needle: inJson(secret) },
    { form: "json in json", needle: inJson(inJson(secret)) },
    { form: "html in json", needle: inJson(secret).replace(/[<>&]/g, unicodeEscape) },
    { form: "ascii json", needle: inJson(secret).replace(/[^ -~]/g, unicodeEscape) },
    { form: "url", needle: encodeURIComponent(secret) },
    { form: "url form", needle: new URLSearchParams({ "": secret }).toString().slice(1) },
    { form: "yaml", needle: secret.replaceAll("'", "''") },
    { form: "shell", needle: secret.replaceAll("'", `'\\''`) },
    { form: "hex", needle: bytes.toString("hex") },
    ...once.map((needle) => ({ form: "base64", needle })),
    ...once.map((needle) => ({ form: "base64url", needle: needle.replaceAll("+", "-").replaceAll("/", "_") })),
    ...base64Parts(Buffer.from(inJson(secret))).map((needle) => ({ form: "json in base64", needle })),
    ...once.flatMap((part) => base64Parts(Buffer.from(part)).map((needle) => ({ form: "base64 in base64", needle }))),
  ];
}

/** How Go's encoding/json writes what HTML could take for its own, and Python's what is not ASCII. */
const unicodeEscape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/**
 * What is the same in the base64 of every text that holds these bytes: one part for each of the three places that they
 * can have in a group of three, without the characters at both ends that depend on the neighbours.
 */
function base64Parts(bytes: Buffer): string[] {
  return [0, 1, 2].map((shift) => {
    const first = (3 - shift) % 3;
    const whole = bytes.subarray(first, bytes.length - ((bytes.length - first) % 3));
    return whole.toString("base64");
  });
}

/** Every text in a value with the way to it. Each object is visited once. */
function* textsOf(value: unknown, at: string, seen: Set<object>): Generator<[at: string, text: string]> {
  if (typeof value === "string") yield [at, value];
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Uint8Array) {
    yield [at, Buffer.from(value).toString("utf8")];
    return;
  }
  if (value instanceof Error) {
    for (const key of ["message", "stack", "cause"] as const) yield* textsOf(value[key], below(at, key), seen);
  }
  const entries: [unknown, unknown][] =
    value instanceof Map || value instanceof Set ? [...value.entries()] : Object.entries(value);
  for (const [key, inner] of entries) {
    yield* textsOf(key, `${below(at, key)} (key)`, seen);
    yield* textsOf(inner, below(at, key), seen);
  }
}

const below = (at: string, key: unknown) => (at === "" ? String(key) : `${at}.${String(key)}`);
