/** The process behind test/ssh/deployment.ts. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { asset } from "@pulumi/pulumi";
import { connect, type Machine } from "../../ssh/client.ts";
import { record, secret, type ProviderWork } from "../lib/record.ts";
import type { Deployment, Message, ResourceState, SentCommand } from "./deployment.ts";

/** The inputs of a command, as the plugin gets them. */
interface CommandInputs {
  readonly connection: ConnectionInputs;
  readonly create?: string;
  readonly update?: string;
  readonly delete?: string;
  readonly stdin?: string;
  readonly triggers?: readonly unknown[];
  readonly logging?: "none" | "stdout" | "stderr" | "stdoutAndStderr";
}

/** The inputs of a copy: the path here, the path there. */
interface CopyInputs {
  readonly connection: ConnectionInputs;
  readonly source: { readonly path: string };
  readonly remotePath: string;
}

interface ConnectionInputs {
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  readonly hostKey: string;
  readonly privateKey: string;
  readonly privateKeyPassword?: string;
  readonly proxy?: ConnectionInputs;
}

const never = new Promise<never>(() => undefined);

const tell = (message: Message): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(message, () => {
      resolve();
    });
  });

process.once("message", (deployment: Deployment) => {
  void main(deployment);
});

async function main({ program, args, state: last = {}, stop }: Deployment): Promise<void> {
  const seen = new Set<string>();
  const replaced: [string, ResourceState][] = [];
  let [count, running] = [0, 0];
  let failure: string | undefined;

  const failed = () => failure !== undefined;

  /** Ends everything once what runs has ended, as the engine does after a failure. */
  const fail = async (error: unknown): Promise<never> => {
    failure ??= error instanceof Error ? error.message : String(error);
    if (running === 0) {
      await tell({ kind: "failed", error: failure });
      process.exit(1);
    }
    return never;
  };

  const die = () => process.kill(process.pid, "SIGKILL");

  /** One thing done on a machine, at which this process may have to die. */
  const send = async <T>(command: SentCommand, action: () => Promise<T>): Promise<T> => {
    count += 1;
    const number = count;
    const here = stop?.at === number ? stop : undefined;
    if (here?.when === "before") die();
    await tell({ kind: "sent", number, command });
    if (here?.when === "inside") setTimeout(die, here.delay ?? 0);
    const start = Date.now();
    running += 1;
    try {
      const result = await action();
      await tell({ kind: "ended", number, took: Date.now() - start });
      if (here?.when === "after" || here?.when === "inside") die();
      return result;
    } finally {
      running -= 1;
    }
  };

  const runCommand = async (key: string, verb: "create" | "update" | "delete", inputs: CommandInputs) => {
    const text = verb === "update" ? (inputs.update ?? inputs.create) : inputs[verb];
    if (text === undefined) return { stdout: "", stderr: "" };
    return await send({ resource: key, verb, host: inputs.connection.host, text }, async () => {
      const connection = await connect(machineOf(inputs.connection));
      try {
        const { stdout, stderr, code, signal } = await connection.run(text, { stdin: inputs.stdin ?? "" });
        const { logging = "stdoutAndStderr" } = inputs;
        if (/stdout/i.test(logging)) await tell({ kind: "log", text: stdout });
        if (/stderr/i.test(logging)) await tell({ kind: "log", text: stderr });
        if (code !== 0) {
          throw new Error(
            `Process exited with ${code === undefined ? `signal ${signal ?? ""}` : `status ${String(code)}`}: running ${JSON.stringify(text)}:\n${stdout}${stderr}`,
          );
        }
        return { stdout: stdout.replace(/\n$/, ""), stderr: stderr.replace(/\n$/, "") };
      } finally {
        connection.close();
      }
    });
  };

  const copy = (key: string, inputs: CopyInputs) =>
    send({ resource: key, verb: "copy", host: inputs.connection.host, text: inputs.remotePath }, async () => {
      const connection = await connect(machineOf(inputs.connection));
      try {
        await connection.upload(inputs.source.path, inputs.remotePath);
      } finally {
        connection.close();
      }
      return {};
    });

  /** Makes of a resource what the engine would, by what the state says of it. */
  const perform = async (
    key: string,
    type: string,
    inputs: Record<string, unknown>,
    deleteFirst: boolean,
  ): Promise<object> => {
    const old = last[key];
    if (old !== undefined && isDeepStrictEqual(old.inputs, inputs)) return old.outputs;
    const replaces = old !== undefined && !isDeepStrictEqual(old.inputs["triggers"], inputs["triggers"]);
    if (type === "command:remote:CopyToRemote") {
      const same =
        old !== undefined &&
        !replaces &&
        ["sourceHash", "remotePath"].every((name) => old.inputs[name] === inputs[name]);
      return same ? {} : await copy(key, inputs as unknown as CopyInputs); // of that type
    }
    // The triggers replace a resource even when it has an `update`: the old one is deleted in the end, or first.
    if (replaces && deleteFirst) await runCommand(key, "delete", old.inputs as unknown as CommandInputs);
    else if (replaces) replaced.push([key, old]);
    return await runCommand(
      key,
      old === undefined || replaces ? "create" : "update",
      inputs as unknown as CommandInputs,
    );
  };

  const provide = async ({
    resource,
    inputs: given,
    secretOutputs,
    deleteBeforeReplace,
  }: ProviderWork): Promise<object> => {
    const { type, name, after } = resource;
    if (!type.startsWith("command:")) return {};
    if (failed()) return never;
    const key = `${type}::${name}`;
    seen.add(key);
    try {
      const inputs = plain({ ...given, ...(await sourceOf(given)) });
      const outputs = { ...(await perform(key, type, inputs, deleteBeforeReplace)) };
      const shown = {
        ...resource.inputs,
        ...Object.fromEntries(Object.entries(outputs).map(([k, v]) => [k, secretOutputs.includes(k) ? secret : v])),
      };
      await tell({ kind: "state", key, value: { type, after, inputs, outputs, shown } });
      return failed() ? await fail(failure) : outputs;
    } catch (error) {
      return await fail(error);
    }
  };

  try {
    const { default: make } = (await import(program)) as { default: (args: unknown) => unknown };
    const { result } = await record(() => make(args), { provide });
    const gone = Object.entries(last).filter(([key]) => !seen.has(key));
    for (const [key, old] of [...replaced, ...inReverse(gone)]) {
      if (old.type === "command:remote:Command")
        await runCommand(key, "delete", old.inputs as unknown as CommandInputs);
      if (!seen.has(key)) await tell({ kind: "state", key, value: null });
    }
    await tell({ kind: "done", result: plain({ result })["result"] });
    process.exit(0);
  } catch (error) {
    await fail(error);
  }
}

/** Values as they are in a state. */
const plain = (value: object) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>;

/** What a copy is of; it is another one when its content is. */
async function sourceOf({ source }: Record<string, unknown>): Promise<object> {
  if (!(source instanceof asset.FileAsset)) return {};
  const path = await source.path;
  return { source: { path }, sourceHash: createHash("sha256").update(readFileSync(path)).digest("hex") };
}

/** Resources in an order in which each goes before those that it needs. */
function inReverse(resources: [string, ResourceState][]): [string, ResourceState][] {
  const left = new Map(resources);
  const ordered: [string, ResourceState][] = [];
  while (left.size > 0) {
    const [key, state] = [...left].find(([one]) => [...left.values()].every(({ after }) => !after.includes(one))) ?? [];
    if (key === undefined || state === undefined) throw new Error("The state has a circle of dependencies.");
    left.delete(key);
    ordered.push([key, state]);
  }
  return ordered;
}

function machineOf({ proxy, ...connection }: ConnectionInputs): Machine {
  const endpoint = ({ host, port = 22, user = "root", hostKey }: ConnectionInputs) => ({ host, port, user, hostKey });
  return {
    ...endpoint(connection),
    privateKey: connection.privateKey,
    ...(connection.privateKeyPassword === undefined ? {} : { passphrase: connection.privateKeyPassword }),
    ...(proxy === undefined ? {} : { jump: endpoint(proxy) }),
  };
}
