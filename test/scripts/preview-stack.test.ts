import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { writePreview } from "../../scripts/preview.ts";
import { Stack } from "../../scripts/stack.ts";
import { debugEvent, canary, linesOf, step, summary } from "./preview-events.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-preview-"));
const variables = ["QUINTET_CACHE", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"];
const before = variables.map((name) => [name, process.env[name]] as const);

function setEnvironment(values: Readonly<Record<string, string | undefined>>): void {
  for (const name of variables) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)));
}

afterAll(() => {
  setEnvironment(Object.fromEntries(before));
  rmSync(folder, { recursive: true });
});

function stackWith(env: Readonly<Record<string, string>>, file: object = {}): Stack {
  setEnvironment({ QUINTET_CACHE: join(folder, "cache"), ...env });
  const config = join(folder, "Pulumi.staging.yaml");
  writeFileSync(config, stringify({ config: { "quintet:cluster": { kind: "k3s" } }, ...file }));
  return new Stack({ stack: "staging", config });
}

describe("a stack that is shared", () => {
  const s3 = { PULUMI_BACKEND_URL: "s3://state" };
  test.each([
    { lacks: "a backend", env: {}, says: /Stack staging .* backend .* Set PULUMI_BACKEND_URL/ },
    { lacks: "a backend: it is empty", env: { PULUMI_BACKEND_URL: "" }, says: /Set PULUMI_BACKEND_URL/ },
    { lacks: "a passphrase", env: s3, says: /passphrase\. Set PULUMI_CONFIG_PASSPHRASE or .*Pulumi\.staging\.yaml/ },
    {
      lacks: "the passphrase of its salt, whatever the backend",
      env: { PULUMI_BACKEND_URL: "https://api.pulumi.com" },
      file: { encryptionsalt: "v1:abc" },
      says: /Set PULUMI_CONFIG_PASSPHRASE/,
    },
  ])("is refused without $lacks", async ({ env, file, says }) => {
    await expect(stackWith(env, file).run("preview")).rejects.toThrow(says);
  });

  // Without an engine in the cache, what is refused next is the engine itself.
  test.each([
    { has: "a passphrase", env: { ...s3, PULUMI_CONFIG_PASSPHRASE: "x" } },
    { has: "a passphrase in a file", env: { ...s3, PULUMI_CONFIG_PASSPHRASE_FILE: "/x" } },
    { has: "a key service", env: s3, file: { secretsprovider: "awskms://alias/quintet" } },
    { has: "Pulumi's own service", env: { PULUMI_BACKEND_URL: "https://api.pulumi.com" } },
  ])("is taken with $has", async ({ env, file }) => {
    await expect(stackWith(env, file).run("preview")).rejects.toThrow(/pulumi is not in .*npm run setup/);
  });
});

describe("the files of a preview", () => {
  const out = join(folder, "report");
  const written = () => ["comment.md", "preview.md"].map((name) => readFileSync(join(out, name), "utf8"));
  const ending = (exitCode: number, problem: string, ...events: readonly object[]) => {
    const previewEvents = () => Promise.resolve({ lines: linesOf(...events), problem, exitCode });
    return () => ({ previewEvents });
  };
  let said: string[] = [];
  beforeEach(() => {
    said = [];
    jest.spyOn(console, "log").mockImplementation((text: string) => void said.push(text));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test("have the changes, and no secret of the engine's debug messages; so has the terminal", async () => {
    const web = step("create", "core/v1:Secret", "token", { new: { inputs: { kind: "Secret" } } });
    expect(await writePreview("dev", ending(0, "", debugEvent, web, summary({ same: 3 })), out, {})).toBe(0);
    expect(said).toHaveLength(1);
    for (const text of [...written(), ...said]) {
      expect(text).toContain("**1 to create**, 3 unchanged.");
      expect(text).not.toContain(canary);
    }
  });

  test("say where the whole is when they had to be cut", async () => {
    const many = Array.from({ length: 1_500 }, (_, i) =>
      step("create", "core/v1:ConfigMap", `settings-of-many-${String(i)}`, { new: { inputs: { kind: "ConfigMap" } } }),
    );
    await writePreview("dev", ending(0, "", ...many), out, { whole: "[the artifact](https://example.com)" });
    const [comment = "", preview = ""] = written();
    expect(comment).toContain("see [the artifact](https://example.com).");
    expect(preview.match(/^\+ create/gm)).toHaveLength(1_500);
  });

  test("say what the engine said when it failed", async () => {
    expect(await writePreview("dev", ending(255, "error: no stack named 'dev' found"), out, {})).toBe(255);
    for (const text of written()) expect(text).toMatch(/The preview failed[^]*no stack named 'dev' found/);
  });

  test("say what kept the engine from starting, and so does the caller", async () => {
    const preview = writePreview("staging", () => stackWith({}), out, {});
    await expect(preview).rejects.toThrow(/Set PULUMI_BACKEND_URL/);
    for (const text of written()) expect(text).toMatch(/stack `staging`[^]*Set PULUMI_BACKEND_URL/);
  });
});
