import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planK3s, stageScript } from "../../../../components/cluster/k3s/plan.ts";
import { nodeScripts, quoted, scriptsFolder, withSettings } from "../../../../components/cluster/k3s/scripts.ts";
import { lab } from "./lab.ts";

const files = readdirSync(scriptsFolder).filter((file) => file.endsWith(".sh"));
const sourced: readonly string[] = ["lib", "take-out", "token"];
const shellcheck = ["/usr/bin/shellcheck", "/usr/local/bin/shellcheck"].find((path) => existsSync(path));
const required = process.env["CI"] !== undefined;
if (shellcheck === undefined && required)
  throw new Error("shellcheck is missing: install it with `apt-get install shellcheck`.");

describe("every script", () => {
  (shellcheck === undefined ? test.skip : test)("passes shellcheck", () => {
    const { status, stdout } = spawnSync(shellcheck ?? "", ["-x", "-s", "sh", "-S", "style", ...files], {
      cwd: scriptsFolder,
      encoding: "utf8",
    });
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  test("is laid down or sent, and each that is laid down is there", () => {
    expect(files).toEqual([...nodeScripts, "preflight", "stage"].map((name) => `${name}.sh`).sort());
  });

  test.each(nodeScripts.filter((name) => !sourced.includes(name)))(
    "%s stops at the first error, and at a variable that is not set",
    (name) => {
      const text = readFileSync(join(scriptsFolder, `${name}.sh`), "utf8");
      expect(text).toContain("\nset -eu\n");
      expect(text.startsWith("#!/bin/sh\n")).toBe(true);
    },
  );
});

describe("what is laid down on a node", () => {
  const folder = mkdtempSync(join(tmpdir(), "quintet-k3s-"));
  const [plan] = planK3s(lab()).servers;
  const script = stageScript(plan).replaceAll("/var/lib/quintet/k3s", folder);
  const run = (text: string) => spawnSync("sh", ["-s"], { input: text, encoding: "utf8" });
  const there = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).replace(`${folder}/`, ""))
      .sort();

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("is nothing while the text is cut off anywhere", () => {
    for (let part = 1; part < 20; part += 1) run(script.slice(0, Math.floor((script.length * part) / 20)));
    expect(there()).toEqual([]);
  });

  test("is every file with its mode and content, and nothing else", () => {
    expect(run(script)).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(there()).toEqual(
      [
        "lock",
        "wanted/manifest",
        "wanted/node.env",
        ...nodeScripts.map((name) => `wanted/scripts/${name}.sh`),
        ...plan.files.map(({ path }) => `wanted/files${path}`),
      ].sort(),
    );
    for (const { path, mode, content } of plan.files) {
      expect(readFileSync(`${folder}/wanted/files${path}`, "utf8")).toBe(content);
      expect((statSync(`${folder}/wanted/files${path}`).mode & 0o777).toString(8)).toBe(mode);
    }
  });

  test("is the same when it is laid down again, and loses what is not wanted any more", () => {
    execFileSync("touch", [`${folder}/wanted/files/stray`]);
    const before = there().filter((path) => !path.endsWith("stray"));
    expect(run(script).status).toBe(0);
    expect(there()).toEqual(before);
  });
});

describe("a change of the token", () => {
  const folder = mkdtempSync(join(tmpdir(), "quintet-k3s-"));
  const [old, next] = ["0f3c9a1b7d5e2846a0c1f7b39d4e8625", "q9Zt/7Fh3+LkWm0xVb2cYs5RdUe8oJgA="];
  const local = (text: string) =>
    ["/var/lib/quintet/k3s", "/etc/rancher/k3s", "/var/lib/rancher/k3s", "/usr/local/bin"]
      .reduce((all, path) => all.replaceAll(path, folder), text)
      .replace("PATH=$PATH:", `PATH=${folder}:$PATH:`);
  const programs = {
    // An API that takes the token in the file `api`, another server's takes that in `other`, and a change is counted.
    curl: String.raw`cd ${folder}
echo "$*" >>arguments
case "$*" in *ping*) echo pong && exit ;; *connect-to*) api=other ;; *) api=api ;; esac
sent=$(cat)
case "$sent" in *"server:$(cat $api)\""*) ;; *) exit 22 ;; esac
case "$*" in */v1-k3s/token) echo "$sent" | sed -n 's/^data = "{\\"newToken\\":\\"\(.*\)\\"}"$/\1/p' >api && echo >>changes ;; esac`,
    systemctl: `exit $(cat ${folder}/service)`,
    k3s: "echo 'qke-worker-49-1|v1.36.3+k3s1|true|True|True|qke|172.20.20.11'",
    sleep: "exit 0",
  };
  const change = ({ onNode = old, api = old, other = old, runs = true }) => {
    const files = { token: onNode, api, other, service: runs ? "0" : "3", arguments: "", changes: "" };
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    const { status, stdout, stderr } = spawnSync("sh", ["-s"], {
      input: `set -eu\n. ${folder}/wanted/scripts/lib.sh\n. ${folder}/wanted/scripts/token.sh\nchange_token "$(cat ${folder}/next)"\n`,
      encoding: "utf8",
    });
    const read = (file: string) => readFileSync(join(folder, file), "utf8");
    return {
      status,
      said: stdout + stderr,
      api: read("api").trim(),
      changes: read("changes").length,
      seen: read("arguments"),
    };
  };

  beforeAll(() => {
    const [plan] = planK3s(lab()).servers;
    spawnSync("sh", ["-s"], { input: local(stageScript(plan)) });
    mkdirSync(join(folder, "server/db/etcd/member"), { recursive: true });
    writeFileSync(join(folder, "next"), next);
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each([
    ["is asked for by the first server", {}, { changes: 1, api: next }, "has changed the cluster's token"],
    [
      "is not asked for again when the last run was cut off behind it",
      { api: next },
      { changes: 0 },
      "finds the cluster's token changed",
    ],
    [
      "is not asked for again when another server has asked",
      { other: next },
      { changes: 0 },
      "finds the cluster's token changed",
    ],
    ["is not asked for when the node has it", { onNode: next }, { changes: 0 }, ""],
    [
      "is left to others by a server that is down",
      { runs: false, api: next },
      { changes: 0 },
      "waits for another server",
    ],
  ])("%s", (_, state, expected, said) => {
    const result = change(state);
    expect(result).toMatchObject({ status: 0, ...expected });
    expect(result.said).toContain(said);
  });

  test.each([
    ["neither token is right", { api: "another" }, "takes neither the token on the node nor the new one"],
    [
      "the server is down and nobody has asked",
      { runs: false },
      "has waited for another server that has changed to the new token",
    ],
  ])("stops when %s", (_, state, said) => {
    const result = change(state);
    expect(result).toMatchObject({ status: 1, changes: 0 });
    expect(result.said).toContain(said);
  });

  test("shows no token in an argument or a word", () => {
    const { seen, said } = change({});
    expect(seen).toContain("/v1-k3s/token");
    for (const token of [old, next]) expect(seen + said).not.toContain(token);
  });
});

describe("settings", () => {
  test.each(["plain", "it's", "a b", '$(touch /tmp/x) `id` "$HOME" \\', "line\nbreak"])(
    "a shell reads %j as it is",
    (text) => {
      expect(execFileSync("sh", ["-c", `printf %s ${quoted(text)}`], { encoding: "utf8" })).toBe(text);
      expect(
        execFileSync("sh", ["-s"], { input: withSettings({ value: text }, 'printf %s "$value"'), encoding: "utf8" }),
      ).toBe(text);
    },
  );
});
