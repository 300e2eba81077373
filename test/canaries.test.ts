import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { parseConfig, type PlatformConfig, secretKeys } from "../config.ts";
import { createPlatform } from "../platform.ts";
import { policyConfigSchema } from "../policies/lib/config.ts";
import { judge, sentenceOf } from "../policies/lib/judge.ts";
import { Objects, objectsOfResource } from "../policies/lib/object.ts";
import { defineRule, noParameters, type Rule } from "../policies/lib/rule.ts";
import { rules } from "../policies/packs.ts";
import { makeCanaries, type Place, places, searchFor } from "./lib/canaries.ts";
import { record, type Recorded, secret, valueOf } from "./lib/record.ts";
import { engineValues, hostWith, kubeconfig, root, stacks } from "./lib/stacks.ts";

const canaries = makeCanaries();
const search = searchFor(canaries);

describe("the search", () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const wrapped = (text: string) => text.replace(/.{40}/g, "$&\n    ");
  const encodings: Record<string, (text: string) => string> = {
    "in clear": (text) => text,
    "as JSON": (text) => JSON.stringify({ a: text }),
    "as JSON in JSON": (text) => JSON.stringify({ a: JSON.stringify([text]) }),
    "as JSON of Go": (text) => JSON.stringify(text).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
    "as YAML": (text) => stringify({ a: { b: text } }),
    "in a URL": (text) => `https://host/?q=${encodeURIComponent(text)}`,
    "in a form": (text) => new URLSearchParams({ q: text }).toString(),
    "in single quotes of a shell": (text) => `echo '${text.replaceAll("'", `'\\''`)}'`,
    "in hex": (text) => Buffer.from(text).toString("hex"),
    "in HEX": (text) => Buffer.from(text).toString("hex").toUpperCase(),
    "in base64": base64,
    "in base64url": (text) => Buffer.from(text).toString("base64url"),
    "in wrapped base64": (text) => wrapped(base64(text)),
    "in base64 of base64": (text) => base64(base64(text)),
    "in base64 of JSON": (text) => base64(JSON.stringify({ password: text })),
  };

  test.each(Object.keys(encodings))("finds every canary %s, whatever stands around it", (name) => {
    const text = fc.string({ unit: "grapheme", maxLength: 20 });
    fc.assert(
      fc.property(fc.constantFrom(...places), text, text, (place, before, after) => {
        const encoded = encodings[name]?.(`${before}:${canaries[place]}:${after}`);
        expect(search.find({ deep: [{ text: encoded }] })).toContainEqual(
          expect.objectContaining({ place, at: "deep.0.text" }),
        );
      }),
      { numRuns: 60 },
    );
  });

  test("finds them in keys, errors, Maps and bytes, and says where", () => {
    const { k3sToken } = canaries;
    const error = new Error("outer", { cause: new Error(`no ${k3sToken}`) });
    const value = { error, map: new Map([["key", k3sToken]]), bytes: Buffer.from(k3sToken), [k3sToken]: 1 };
    const found = search.find(value).filter(({ form }) => form === "clear");
    expect(found.map(({ place, at }) => [place, at.replace(k3sToken, "<canary>")])).toEqual([
      ["k3sToken", "error.cause.message"],
      ["k3sToken", "error.cause.stack"],
      ["k3sToken", "map.key"],
      ["k3sToken", "bytes"],
      ["k3sToken", "<canary> (key)"],
    ]);
  });

  test("finds a key by one line of its secret half", () => {
    const lines = canaries.sshPrivateKey.split("\n").filter((line) => !line.startsWith("-----"));
    expect(search.find(`leaked ${lines[4] ?? ""}`)).toContainEqual(expect.objectContaining({ place: "sshPrivateKey" }));
  });

  test("finds nothing where nothing is, not even by another set of canaries", () => {
    const others = Object.values(makeCanaries());
    expect(search.find([others, others.map(base64), readFileSync(join(root, "package-lock.json"), "utf8")])).toEqual(
      [],
    );
  });

  test("has seventeen different canaries to find", () => {
    expect(new Set(Object.values(canaries)).size).toBe(17);
    expect(Object.keys(canaries)).toEqual(places);
  });
});

/** The kubeconfig of the lab, with every secret that one can hold. */
const planted = (() => {
  const config = parse(kubeconfig()) as { users: { user: object }[] };
  const user = {
    "client-key-data": Buffer.from(canaries.kubeconfigClientKey).toString("base64"),
    token: canaries.kubeconfigToken,
    exec: { env: [{ name: "SECRET", value: canaries.kubeconfigExecEnvironment }] },
  };
  return stringify({ ...config, users: config.users.map((one) => ({ ...one, user })) });
})();
const plantedHost = hostWith(planted);

/** What each secret key of the configuration holds. A key that is missing here fails the first test of every stack. */
const plantedSecrets: Partial<Record<string, string>> = {
  registryCredentials: JSON.stringify({
    "ghcr.io": { username: canaries.registryUsername, password: canaries.registryPassword },
    "host:5000": { username: canaries.otherRegistryUsername, password: canaries.otherRegistryPassword },
  }),
  backupCredentials: JSON.stringify({
    accessKeyId: canaries.backupKeyId,
    secretAccessKey: canaries.backupSecretKey,
  }),
  grafanaPassword: canaries.grafanaPassword,
  remoteWriteSecret: canaries.remoteWriteSecret,
  alertReceiverSecret: canaries.alertReceiverSecret,
  sshPrivateKey: canaries.sshPrivateKey,
  sshPassphrase: canaries.sshPassphrase,
  k3sToken: canaries.k3sToken,
};

/** A tenant that pulls from two registries with a login. */
const pulling = {
  "quintet:tenants": {
    shop: {
      namespaces: { web: {} },
      quota: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } },
      network: { defaultDeny: false },
    },
  },
  "quintet:registries": {
    pullSecrets: { "ghcr.io": { tenants: ["shop"] }, "host:5000": { namespaces: ["shop-web"] } },
  },
};

/** A far end that wants a password. */
const remoteWrite = {
  url: "https://metrics.example/api/v1/write",
  authentication: { kind: "basic", username: "quintet" },
};

/** Somebody to tell who wants one, too. */
const alertmanager = {
  replicas: 2,
  receiver: { kind: "webhook", url: "https://alerts.example/", authentication: { kind: "basic", username: "quintet" } },
};

/** A password has no form that it could lack. */
const formless = ["grafanaPassword", "remoteWriteSecret", "alertReceiverSecret"];

/** The keys that hold them; which of them a stack takes depends on its kind of cluster. */
const keys: readonly string[] = secretKeys;

/** A stack's own values, in the engine's form, with every secret that it may have. */
function plantedValues(stack: string): Record<string, string> {
  const file = readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8");
  const { config } = parse(file) as { config: Record<string, unknown> & { "quintet:cluster": { kind: string } } };
  const overSsh = config["quintet:cluster"].kind === "k3s";
  const monitoring = config["quintet:monitoring"];
  const draws = JSON.stringify(monitoring ?? {}).includes("grafana");
  const writing =
    typeof monitoring === "object" ? { "quintet:monitoring": { ...monitoring, remoteWrite, alertmanager } } : {};
  const taken = keys.filter((key) => {
    if (key === "backupCredentials") return "quintet:backup" in config;
    if (key === "remoteWriteSecret" || key === "alertReceiverSecret") return monitoring !== undefined;
    return key === "grafanaPassword" ? draws : key === "registryCredentials" || overSsh;
  });
  const secrets = taken.map((key) => [`quintet:${key}`, plantedSecrets[key] ?? ""] as const);
  return { ...engineValues({ ...config, ...pulling, ...writing }), ...Object.fromEntries(secrets) };
}

/** Runs with secrets in the environment, and keeps all that is said meanwhile, by Pulumi's log or past it. */
async function overheard<T>(run: () => Promise<T>): Promise<{ result: T; said: unknown[] }> {
  const said: unknown[] = [];
  const spies = [
    ...(["debug", "info", "log", "warn", "error"] as const).map((level) =>
      jest.spyOn(console, level).mockImplementation((...words: unknown[]) => void said.push(words)),
    ),
    ...[process.stdout, process.stderr].map((stream) =>
      jest.spyOn(stream, "write").mockImplementation((words) => said.push(words) > 0),
    ),
  ];
  const before = { ...process.env };
  process.env["AWS_SECRET_ACCESS_KEY"] = canaries.environmentCloudKey;
  process.env["PULUMI_CONFIG_PASSPHRASE"] = canaries.environmentStatePassphrase;
  try {
    return { result: await run(), said };
  } finally {
    process.env = before;
    for (const spy of spies) spy.mockRestore();
  }
}

/** A program's result with what every output shows that is not a secret. */
async function shown(value: unknown): Promise<unknown> {
  if (pulumi.Output.isInstance(value)) return (await pulumi.isSecret(value)) ? secret : shown(await valueOf(value));
  if (Array.isArray(value)) return Promise.all(value.map(shown));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    await Promise.all(Object.entries(value).map(async ([key, inner]) => [key, await shown(inner)])),
  );
}

/** What rules say of resources, of what a secret hides too: the engine shows it to policies. */
function saidOf(rules: readonly Rule[], resources: readonly Recorded[]): string[] {
  const objects = resources.flatMap(({ type, inputs, urn }) => objectsOfResource(type, unveiled(inputs), { urn }));
  expect(objects.length).toBeGreaterThan(0);
  const settings = { config: policyConfigSchema.parse({}), today: "2026-11-21" };
  return judge(rules, new Objects(objects), settings).map(sentenceOf);
}

/** A recorded value with every canary where it has a secret, since the engine shows policies what a secret hides. */
function unveiled(value: unknown): unknown {
  if (value === secret) return Object.values(canaries).join(" ");
  if (Array.isArray(value)) return value.map(unveiled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unveiled(inner)]));
}

/** A value without what rules want to be there. */
function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  if (typeof value !== "object" || value === null) return value;
  const wanted = ["resources", "securityContext", "readinessProbe", "labels", "matchLabels"];
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (wanted.includes(key) ? [] : [[key, stripped(inner)]])),
  );
}

const build = (config: PlatformConfig) => record(() => createPlatform(config));

describe.each(stacks)("stack %s, with secrets wherever it takes one,", (stack) => {
  const load = () => parseConfig(plantedValues(stack), plantedHost);

  test("takes them", async () => {
    expect(keys.filter((key) => plantedSecrets[key] === undefined)).toEqual([]);
    const config = load();
    expect(JSON.stringify(await valueOf(config.registryCredentials))).toContain(canaries.registryUsername);
    expect(await pulumi.isSecret(config.registryCredentials)).toBe(true);
  });

  test("shows none in an input, an output, or a word it says", async () => {
    const { result, said } = await overheard(() => build(load()));
    expect(result.resources.map(({ type }) => type)).toContain("kubernetes:core/v1:Secret");
    expect(search.find(result.resources)).toEqual([]);
    expect(search.find(await shown(result.result))).toEqual([]);
    expect(search.find(said)).toEqual([]);
  });

  test("shows none in what a policy says about it", async () => {
    const { resources } = await build(load());
    // None of them breaks a rule as it is: without its labels and limits each breaks many.
    const bare = resources.map((one) => ({ ...one, inputs: stripped(one.inputs) as Record<string, unknown> }));
    const found = [...saidOf(rules, resources), ...saidOf(rules, bare)];
    expect(found.length).toBeGreaterThan(100);
    expect(search.find(found)).toEqual([]);
  });

  test.each(["a secret that is cut off", "a secret that is JSON of another form", "a secret that is plain"])(
    "shows none when it is refused for %s",
    (defect) => {
      const values = plantedValues(stack);
      for (const key of keys.filter((one) => !formless.includes(one) || defect.endsWith("plain"))) {
        const text = plantedSecrets[key] ?? "";
        const wrong = { ...values, [`quintet:${key}`]: defect.endsWith("plain") ? text : broken(defect, text) };
        const open = { ...plantedHost, isSecret: () => !defect.endsWith("plain") };
        expect(search.find(refusal(() => parseConfig(wrong, open)))).toEqual([]);
      }
    },
  );

  test("shows none when its kubeconfig is refused", () => {
    const values = plantedValues(stack);
    const cluster = JSON.parse(values["quintet:cluster"] ?? "{}") as { kind?: string };
    if (cluster.kind !== "embedded" && cluster.kind !== "existing") return;
    for (const text of [`${planted}\n: {`, planted.replace("clusters:", "cluster:"), canaries.kubeconfigToken]) {
      expect(search.find(refusal(() => parseConfig(values, hostWith(text))))).toEqual([]);
    }
  });
});

const broken = (defect: string, text: string) =>
  defect.endsWith("cut off") ? text.slice(0, text.length / 2) : JSON.stringify([text]);

/** What a refusal says, stack trace and all. */
function refusal(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("This is not refused.");
}

describe("the tests above are not blind:", () => {
  const { k3sToken } = canaries;
  const placesIn = (value: unknown): Place[] => [...new Set(search.find(value).map(({ place }) => place))];

  test("a secret that leaves its Output is found in an input, and in an output", async () => {
    const hidden = pulumi.secret(k3sToken);
    const { resources, result } = await record(() => {
      const opts = { provider: new Provider("target", { kubeconfig: hidden }) };
      new ConfigMap("leak", { data: { token: pulumi.unsecret(hidden).apply((text) => btoa(text)) } }, opts);
      return { token: pulumi.unsecret(hidden), kept: hidden };
    });
    expect(placesIn(resources.filter(({ name }) => name === "target"))).toEqual([]);
    expect(placesIn(resources)).toEqual(["k3sToken"]);
    expect(placesIn(await shown({ kept: result.kept }))).toEqual([]);
    expect(placesIn(await shown(result))).toEqual(["k3sToken"]);
  });

  test("a word by Pulumi's log or past it is heard, and so is the environment", async () => {
    const { said } = await overheard(async () => {
      await pulumi.log.warn(`joined with ${k3sToken}`);
      process.stderr.write(JSON.stringify(process.env));
    });
    expect(placesIn(said).sort()).toEqual(["environmentCloudKey", "environmentStatePassphrase", "k3sToken"]);
  });

  test("a policy that quotes a secret is caught", () => {
    const quoting = defineRule({
      name: "test-quote",
      severity: "low",
      level: "advisory",
      title: "It quotes what it sees.",
      why: "It is a test.",
      fix: "None.",
      sees: "object",
      parameters: noParameters,
      *check({ value }) {
        yield { path: "data", problem: JSON.stringify(value), fix: "None." };
      },
    });
    const [urn, type] = ["urn:token", "kubernetes:core/v1:Secret"];
    const shown = { urn, type, name: "token", inputs: { data: secret }, custom: true, after: [] };
    expect(placesIn(saidOf([quoting], [shown]))).toEqual(places);
  });
});
