// Runs a TypeScript file of this project: `node scripts/run.mjs <file.ts> [arguments]`.
//
// Plain JavaScript, so that any Node >= 18 can start it. It installs the locked npm packages when they are missing or
// stale,
// and hands over to the Node 24 among them, which runs TypeScript as it is.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = resolve(fileURLToPath(import.meta.url), "../..");
const bin = join(root, "node_modules/.bin");
// npm ci removes node_modules first, and two at once destroy each other's.
const lock = join(tmpdir(), `quintet-npm-ci-${createHash("sha256").update(root).digest("hex").slice(0, 16)}`);

/** What npm wrote when it last finished an install, compared with what the lockfile wants. */
function missing() {
  const packages = (file) => JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  const record = "node_modules/.package-lock.json";
  if (!existsSync(join(root, record))) return "they are not there yet";
  const there = packages(record);
  const stale = Object.entries(packages("package-lock.json")).find(
    ([path, { version, optional }]) => path !== "" && !optional && there[path]?.version !== version,
  );
  return stale === undefined ? undefined : `${stale[0]} is not ${stale[1].version}`;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** True while the process that made the lock runs; a lock of a dead one is removed. */
function held() {
  try {
    const owner = Number(readFileSync(join(lock, "pid"), "utf8"));
    process.kill(owner, 0);
    return true;
  } catch (error) {
    if (error.code === "EPERM") return true;
    rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

async function install() {
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    await sleep(500); // gives the owner time to write its pid
    if (held()) await sleep(500);
  }
  try {
    writeFileSync(join(lock, "pid"), String(process.pid));
    const why = missing();
    if (why === undefined) return;
    // npm ci would empty the folder of another checkout, which may be at work.
    const place = lstatSync(join(root, "node_modules"), { throwIfNoEntry: false });
    if (place?.isSymbolicLink())
      fail(`node_modules is a link, and ${why}: run npm ci where it points to, or remove it.`);
    console.error(`Installing the locked npm packages (${why}): npm ci`);
    const npm = spawnSync("npm", ["ci", "--loglevel=error"], { cwd: root, stdio: ["ignore", 2, 2] });
    if (npm.error) fail(`npm could not be started (${npm.error.message}): install Node.js with npm and run it again.`);
    if (npm.status !== 0) fail("npm ci failed: its output above says why. Nothing else was started.");
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

if (missing() !== undefined) await install();

const pinned = join(bin, "node");
const node = existsSync(pinned) ? pinned : process.execPath;
if (node !== pinned && Number(process.versions.node.split(".")[0]) < 24) {
  fail(
    `This project runs on Node >= 24, this is ${process.version}, and npm has none for ${process.platform}-${process.arch}: install Node 24 and run it again.`,
  );
}

const [file, ...args] = process.argv.slice(2);
if (file === undefined) fail("Say which file to run: node scripts/run.mjs <file.ts> [arguments]");
const child = spawn(node, [join(root, file), ...args], {
  stdio: "inherit",
  env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` },
});
// A terminal sends Ctrl-C to both; listening keeps this process alive until the child has tidied up.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => fail(`${node} could not be started: ${error.message}`));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
