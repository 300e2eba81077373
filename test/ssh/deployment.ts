/**
 * Deploys a program as the engine and the command plugin 1.2.1 would: its resources of @pulumi/command really run over
 * SSH, each when those before it are done, and the state decides which of their commands. Not the engine: a stand-in for
 * it, in a process of its own, so that it can die in the middle as the operator's machine can.
 */
import { fork } from "node:child_process";
import { join } from "node:path";

/** A resource of the state. */
export interface ResourceState {
  readonly type: string;
  /** What must go later than it. */
  readonly after: readonly string[];
  /** The inputs in clear; the engine encrypts the secrets among them. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** What of it stands in the state in clear. */
  readonly shown: object;
}

/** A stack's state, by `type::name`. */
export type State = Readonly<Record<string, ResourceState>>;

/** Where the operator's machine dies. */
export interface Stop {
  /** The command, counted from 1 in the order in which they start. */
  readonly at: number;
  /** Before it is sent, while it runs, or when it has ended and the state does not know yet. */
  readonly when: "before" | "inside" | "after";
  /** Milliseconds into the command, for "inside". */
  readonly delay?: number;
}

/** A command that was sent to a machine. */
export interface SentCommand {
  readonly resource: string;
  readonly verb: "create" | "update" | "delete" | "copy";
  readonly host: string;
  readonly text: string;
  /** Milliseconds that it took; absent when it has not ended. */
  readonly took?: number;
}

/** What a deployment is asked for. */
export interface Deployment {
  /** The module whose default export makes the resources. */
  readonly program: string;
  /** What that is called with. */
  readonly args: unknown;
  /** @default empty, as before the first run */
  readonly state?: State;
  /** @default it lives */
  readonly stop?: Stop;
}

/** How a deployment went. */
export interface Outcome {
  readonly state: State;
  readonly commands: readonly SentCommand[];
  /** What the engine would have shown. */
  readonly log: readonly string[];
  /** What the program returned, when it has come to its end. */
  readonly result?: unknown;
  /** The first failure. */
  readonly error?: string;
  /** Whether it has died where it was told to. */
  readonly stopped: boolean;
}

/** What the process tells of itself. */
export type Message =
  | { readonly kind: "sent"; readonly number: number; readonly command: SentCommand }
  | { readonly kind: "ended"; readonly number: number; readonly took: number }
  | { readonly kind: "state"; readonly key: string; readonly value: ResourceState | null }
  | { readonly kind: "log"; readonly text: string }
  | { readonly kind: "done"; readonly result: unknown }
  | { readonly kind: "failed"; readonly error: string };

/** Deploys, and gives the state in any case. */
export async function deploy(deployment: Deployment): Promise<Outcome> {
  const child = fork(join(import.meta.dirname, "deployment-process.ts"), {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const state: Record<string, ResourceState> = { ...deployment.state };
  const commands: SentCommand[] = [];
  const log: string[] = [];
  let end: { result?: unknown; error?: string } | undefined;
  child.on("message", (message: Message) => {
    if (message.kind === "sent") {
      commands[message.number - 1] = message.command;
    } else if (message.kind === "ended") {
      const command = commands[message.number - 1];
      if (command !== undefined) commands[message.number - 1] = { ...command, took: message.took };
    } else if (message.kind === "state") {
      if (message.value === null) Reflect.deleteProperty(state, message.key);
      else state[message.key] = message.value;
    } else if (message.kind === "log") {
      log.push(message.text);
    } else {
      end = message.kind === "done" ? { result: message.result } : { error: message.error };
    }
  });
  const ended = new Promise<void>((resolve) =>
    child.once("close", () => {
      resolve();
    }),
  );
  child.send(deployment);
  await ended;
  const died = end === undefined;
  if (died && deployment.stop === undefined) throw new Error("The deployment's process has ended without a word.");
  return { state, commands, log, ...end, stopped: died };
}
