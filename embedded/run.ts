/** Running programs: one way to call a command, to find a process again, and to wait for a condition. */
import { accessSync, constants, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";

/** How a command is run; `input` goes to its standard input, `env` is added to this process's environment. */
export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds after which the command is ended. @default 120000 */
  readonly timeout?: number;
}

const commandDeadline = 120_000;

/**
 * Runs a command without a shell and gives its standard output.
 *
 * @throws Error with the command, its exit code and what it said, when it fails or takes too long.
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await execa(command, args, {
    reject: false,
    timeout: options.timeout ?? commandDeadline,
    env: options.env ?? {},
    ...(options.input === undefined ? { stdin: "ignore" } : { input: options.input }),
  });
  if (result.failed) {
    const said = `${result.stderr}\n${result.stdout}`.trim().split("\n").slice(-20).join("\n");
    throw new Error(
      `\`${[command, ...args].join(" ").slice(0, 300)}\` failed (${(result.shortMessage ?? "").split("\n")[0] ?? ""}):\n${said}`,
    );
  }
  return result.stdout;
}

/** Whether a command succeeds; what it says is dropped. */
export async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  return !(await execa(command, args, { reject: false, stdin: "ignore", timeout: commandDeadline })).failed;
}

/** The path of a program, or undefined. An ordinary user's PATH lacks the folders of the administrator's programs. */
export function findProgram(program: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return folders
    .map((folder) => path.join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false; // not here
      }
    });
}

/** A process that is found again safely: the start time tells it from a later one that got the same number. */
export interface ProcessId {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat, clock ticks since boot. */
  readonly started: string;
}

/** The identity of a living process, or undefined when there is none with that number. */
export function identify(pid: number): ProcessId | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, started] = [fields[0], fields[19]];
    return started === undefined || state === "Z" ? undefined : { pid, started };
  } catch {
    return undefined; // no such process
  }
}

/** Whether that very process still runs. */
export function alive(id: ProcessId): boolean {
  return identify(id.pid)?.started === id.started;
}

/** Ends that very process and waits until it is gone. */
export async function kill(id: ProcessId, signal: NodeJS.Signals): Promise<void> {
  if (!alive(id)) {
    return;
  }
  process.kill(id.pid, signal);
  await until(`process ${String(id.pid)} to end`, 30_000, () => Promise.resolve(!alive(id)), 20);
}

/**
 * Asks again and again until the answer is true.
 *
 * @param what what is waited for, as in "Waited 30 s for WHAT."
 * @param deadline milliseconds
 * @throws Error that names what was waited for and the last reason it was not so.
 */
export async function until(
  what: string,
  deadline: number,
  ask: () => Promise<boolean>,
  interval = 500,
): Promise<void> {
  const end = Date.now() + deadline;
  let reason = "";
  for (;;) {
    try {
      if (await ask()) {
        return;
      }
    } catch (error) {
      reason = error instanceof Error ? ` The last answer was: ${error.message}` : "";
    }
    if (Date.now() > end) {
      throw new Error(`Waited ${String(deadline / 1000)} s for ${what}.${reason}`);
    }
    await sleep(interval);
  }
}
