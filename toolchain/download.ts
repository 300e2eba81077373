/** Fetches official releases, each verified by its SHA-256. */
import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { extract } from "tar";
import type { Platform } from "./cache.ts";
import type { Release, Tool } from "./catalog.ts";
import { isRunning } from "./lock.ts";

/** How long to wait, in milliseconds. */
export interface Patience {
  /** For a host to answer at all. */
  readonly connect: number;
  /** For the first or the next bytes of a file. */
  readonly stall: number;
}

/** Enough for a slow line; a machine without internet is told apart in the first. */
export const defaultPatience: Patience = { connect: 5_000, stall: 30_000 };

/** The release of a tool for one platform, with nothing left to fill in. */
export type Located = Required<Pick<Release, "url" | "checksums">> & Pick<Release, "member">;

/** Fills in a release's templates, or says undefined for a tool that has none. */
export function locate(tool: Tool, platform: Platform): Located | undefined {
  if (tool.release === undefined) return undefined;
  const values: Record<string, string> = {
    version: tool.version,
    os: platform.os,
    arch: platform.arch,
    "arch-x64": platform.arch === "amd64" ? "x64" : platform.arch,
  };
  const fill = (template: string) => template.replace(/\{([\w-]+)\}/g, (hole, name: string) => values[name] ?? hole);
  const { url, checksums, member } = tool.release;
  return { url: fill(url), checksums: fill(checksums), ...(member === undefined ? {} : { member: fill(member) }) };
}

/**
 * The downloads of one run: every host is tried once, and an archive that several tools are in is fetched once.
 *
 * Its folder is removed by `dispose`.
 */
export class Downloads implements AsyncDisposable {
  readonly #parent: string;
  readonly #signal: AbortSignal;
  readonly #patience: Patience;
  readonly #hosts = new Map<string, Promise<boolean>>();
  readonly #files = new Map<string, Promise<string>>();
  #folder: Promise<string> | undefined;

  constructor(cache: string, signal: AbortSignal, patience: Patience) {
    this.#parent = join(cache, "downloads");
    this.#signal = signal;
    this.#patience = patience;
  }

  /** Whether the host of `url` answers at all, whatever it says. Asked once per host and run. */
  reachable(url: string): Promise<boolean> {
    const { origin } = new URL(url);
    return remember(this.#hosts, origin, () =>
      fetch(origin, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(this.#patience.connect) }).then(
        () => true,
        () => false,
      ),
    );
  }

  /**
   * Writes the verified binary of a release to `binary`.
   *
   * @throws when the server refuses, the body ends early or stalls, or its sum is not the published one
   */
  async save(release: Located, binary: string): Promise<void> {
    const file = await remember(this.#files, release.url, () => this.#fetch(release));
    if (release.member === undefined) {
      await copyFile(file, binary);
      return;
    }
    const { member } = release;
    const unpacked = await mkdtemp(join(dirname(file), "unpacked-"));
    await extract({ file, cwd: unpacked, filter: (path) => path.replace(/^\.\//, "") === member });
    await rename(join(unpacked, member), binary);
  }

  async #fetch({ url, checksums }: Located): Promise<string> {
    this.#folder ??= makeFolder(this.#parent);
    const folder = await mkdtemp(join(await this.#folder, "release-"));
    const file = join(folder, basename(url));
    let sums = "";
    await this.#read(checksums, (chunk) => {
      sums += Buffer.from(chunk).toString();
    });
    const expected = publishedSum(sums, basename(url));
    if (expected === undefined) throw new Error(`${checksums} has no SHA-256 of ${basename(url)}`);
    const hash = createHash("sha256");
    await using output = await open(file, "w");
    await this.#read(url, async (chunk) => {
      hash.update(chunk);
      await output.writeFile(chunk);
    });
    const sum = hash.digest("hex");
    if (sum !== expected) throw new Error(`${url} has the SHA-256 ${sum} and not the published ${expected}`);
    return file;
  }

  async #read(url: string, take: (chunk: Uint8Array) => Promise<void> | void): Promise<void> {
    const { stall } = this.#patience;
    const stalled = new AbortController();
    const timer = setTimeout(() => {
      stalled.abort(new Error(`${url} sent nothing for ${String(stall / 1000)} s`));
    }, stall);
    try {
      const response = await fetch(url, { signal: AbortSignal.any([this.#signal, stalled.signal]) });
      if (!response.ok) throw new Error(`${url} answered ${String(response.status)} ${response.statusText}`);
      const body: AsyncIterable<Uint8Array> | null = response.body;
      if (body === null) throw new Error(`${url} has no content`);
      for await (const chunk of body) {
        timer.refresh();
        await take(chunk);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#folder !== undefined) await rm(await this.#folder, { recursive: true, force: true });
  }
}

/** The sum of `file` in a checksum file: `<sum>  <file>` lines, or nothing but the sum. */
export function publishedSum(text: string, file: string): string | undefined {
  for (const line of text.split("\n")) {
    const match = /^([0-9a-f]{64})(?:\s+\*?(?:.*\/)?([^/\s]+))?\s*$/i.exec(line);
    if (match !== null && (match[2] === undefined || match[2] === file)) return match[1]?.toLowerCase();
  }
  return undefined;
}

/** A folder for this process; those of runs that were killed are removed. */
async function makeFolder(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    if (!isRunning(Number.parseInt(name))) await rm(join(parent, name), { recursive: true, force: true });
  }
  return mkdtemp(join(parent, `${String(process.pid)}-`));
}

function remember<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
