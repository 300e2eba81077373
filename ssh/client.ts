/** The SSH client: a machine is who its host key says or nothing is sent to it, and every failure is a sentence. */
import { createHash } from "node:crypto";
import ssh2, { type Client, type ClientChannel, type ServerHostKeyAlgorithm } from "ssh2";

/** An SSH server and the user there. */
export interface Endpoint {
  /** Its name or address. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Its public key, one line as in known_hosts without the host. Nothing else is accepted. */
  readonly hostKey: string;
}

/** A machine and the way to it. */
export interface Machine extends Endpoint {
  /** The text of the private key's file. */
  readonly privateKey: string;
  /** What the key is encrypted with. @default it is not encrypted */
  readonly passphrase?: string;
  /** The host that leads to it, which takes the same key. @default none */
  readonly jump?: Endpoint;
}

/** How a command ended and what it said. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Absent when a signal ended it. */
  readonly code?: number;
  /** As `KILL`. */
  readonly signal?: string;
}

/** How a command is run. */
export interface CommandOptions {
  /** What it reads from standard input: the way for secrets, since everyone there sees its text. @default nothing */
  readonly stdin?: string;
  /** Milliseconds after which it is given up; it may go on there. @default none */
  readonly deadline?: number;
}

/** An open connection. */
export interface Connection {
  /**
   * Runs a command in the user's shell. One that fails is a result, not an error.
   *
   * @throws Error when the connection is lost or the deadline passes before the command has ended
   */
  readonly run: (command: string, options?: CommandOptions) => Promise<CommandResult>;
  /**
   * Copies a file of this machine, over one that is there.
   *
   * @throws Error when it cannot be read here or written there
   */
  readonly upload: (local: string, remote: string) => Promise<void>;
  readonly close: () => void;
}

/** What is waited for at most, in milliseconds, until a connection stands; a jump host has the same once more. */
export const dialDeadline = 15_000;

/** A connection is lost when this many signs of life in a row, these milliseconds apart, stay unanswered. */
const keepalive = { keepaliveInterval: 10_000, keepaliveCountMax: 3 };

/**
 * Connects to a machine.
 *
 * @param deadline milliseconds. @default {@link dialDeadline}
 * @throws Error when it does not answer in time, has another host key, or refuses the user's key
 */
export async function connect(machine: Machine, deadline: number = dialDeadline): Promise<Connection> {
  const { jump, privateKey, passphrase } = machine;
  const key = { privateKey, ...(passphrase === undefined ? {} : { passphrase }) };
  if (jump === undefined) return connection(machine, await dial(machine, key, deadline), []);
  const first = await dial(jump, key, deadline);
  try {
    const sock = await forward(first, machine, jump, deadline);
    return connection(machine, await dial(machine, key, deadline, sock), [first]);
  } catch (error) {
    first.end();
    throw error;
  }
}

/** The fingerprint of a host key's bytes, as OpenSSH shows it. */
const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;

const nameOf = ({ user, host, port }: Endpoint): string => `${user}@${host}:${String(port)}`;

/** The type and the bytes of a public key's line. */
function parsedHostKey(endpoint: Endpoint): { readonly type: string; readonly bytes: Buffer } {
  const parsed = ssh2.utils.parseKey(endpoint.hostKey);
  if (parsed instanceof Error || Array.isArray(parsed) || parsed.isPrivateKey()) {
    throw new Error(
      `The host key of ${endpoint.host} is not a public key: give its one line, like ssh-ed25519 AAAAC3… (\`ssh-keyscan ${endpoint.host}\`, compared with the machine's own).`,
    );
  }
  return { type: parsed.type, bytes: parsed.getPublicSSH() };
}

/** How a key's type is asked for in the handshake. Without this a server that has several keys would offer another. */
const algorithmsOf = (type: string): ServerHostKeyAlgorithm[] =>
  type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type as ServerHostKeyAlgorithm]; // parseKey knows the rest

interface Key {
  readonly privateKey: string;
  readonly passphrase?: string;
}

async function dial(endpoint: Endpoint, key: Key, deadline: number, sock?: ClientChannel): Promise<Client> {
  const expected = parsedHostKey(endpoint);
  const client = new ssh2.Client();
  client.on("error", () => undefined); // one that comes after the first, or later on: whoever waits is told by the close
  let refused: string | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      client.once("ready", resolve);
      client.once("error", reject);
      client.once("close", () => {
        reject(new Error("the connection was closed"));
      });
      client.connect({
        host: endpoint.host,
        port: endpoint.port,
        username: endpoint.user,
        ...key,
        ...keepalive,
        ...(sock === undefined ? {} : { sock }),
        readyTimeout: deadline,
        authHandler: ["publickey"],
        algorithms: { serverHostKey: algorithmsOf(expected.type) },
        hostVerifier: (got: Buffer) => {
          if (got.equals(expected.bytes)) return true;
          refused = `expected ${fingerprint(expected.bytes)}, got ${fingerprint(got)}`;
          return false;
        },
      });
      client.setNoDelay(true); // as OpenSSH does: its many small packets would wait 40 ms for each other
    });
  } catch (error) {
    client.destroy();
    throw new Error(dialProblem(endpoint, error as Error, { refused, deadline, type: expected.type }), {
      cause: error,
    });
  }
  return client;
}

interface Circumstances {
  readonly refused: string | undefined;
  readonly deadline: number;
  readonly type: string;
}

function dialProblem(endpoint: Endpoint, error: Error, { refused, deadline, type }: Circumstances): string {
  const name = nameOf(endpoint);
  if (refused !== undefined) {
    return `The host key of ${name} is not the configured one: ${refused}. Nothing was sent to it. Either it was installed anew, then configure its new key, or something else answers at its address.`;
  }
  if (/no matching host key format/i.test(error.message)) {
    return `${name} has no host key of type ${type}, which is the type of the configured one. Nothing was sent to it.`;
  }
  if (/timed out/i.test(error.message)) {
    return `${name} did not answer within ${String(deadline / 1000)} s.`;
  }
  if (/authentication methods failed/i.test(error.message)) {
    return `${name} refused the private key: it is not among the keys that may log in as ${endpoint.user}.`;
  }
  if (/privateKey|passphrase/i.test(error.message)) {
    return `The private key for ${name} cannot be read: it is damaged, or its passphrase is missing or wrong.`;
  }
  return `${name} cannot be reached: ${error.message}.`;
}

async function forward(first: Client, to: Endpoint, jump: Endpoint, deadline: number): Promise<ClientChannel> {
  return await new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      clearTimeout(timer);
      reject(new Error(`${nameOf(to)} cannot be reached through the jump host ${nameOf(jump)}: ${reason}.`));
    };
    const timer = setTimeout(() => {
      fail(`it did not connect within ${String(deadline / 1000)} s`);
    }, deadline);
    first.once("close", () => {
      fail("it closed the connection");
    });
    first.forwardOut("127.0.0.1", 0, to.host, to.port, (error, channel) => {
      if (error !== undefined) {
        fail(error.message.replace(/^\(SSH\) /, ""));
        return;
      }
      clearTimeout(timer);
      resolve(channel);
    });
  });
}

function connection(machine: Machine, client: Client, before: readonly Client[]): Connection {
  const name = nameOf(machine);
  return {
    run: (command, options = {}) => run(client, name, command, options),
    upload: (local, remote) => upload(client, name, local, remote),
    close: () => {
      for (const one of [client, ...before]) one.end();
    },
  };
}

async function run(client: Client, name: string, command: string, options: CommandOptions): Promise<CommandResult> {
  const { stdin = "", deadline } = options;
  return await new Promise((resolve, reject) => {
    const lost = () => {
      clearTimeout(timer);
      reject(new Error(`The connection to ${name} was lost while a command ran: it may have gone on there.`));
    };
    const timer =
      deadline === undefined
        ? undefined
        : setTimeout(() => {
            client.removeListener("close", lost);
            reject(new Error(`A command on ${name} did not end within ${String(deadline / 1000)} s.`));
            client.end();
          }, deadline);
    client.once("close", lost);
    client.exec(command, (error, channel) => {
      if (error !== undefined) {
        clearTimeout(timer);
        client.removeListener("close", lost);
        reject(new Error(`${name} does not run commands: ${error.message}.`, { cause: error }));
        return;
      }
      const [stdout, stderr] = [collected(channel), collected(channel.stderr)];
      let end: Pick<CommandResult, "code" | "signal"> | undefined;
      channel.once("exit", (code: number | null, signal?: string) => {
        end = code === null ? { signal: (signal ?? "").replace(/^SIG/, "") } : { code };
      });
      channel.once("close", () => {
        if (end === undefined) {
          lost();
          return;
        }
        clearTimeout(timer);
        client.removeListener("close", lost);
        resolve({ stdout: stdout(), stderr: stderr(), ...end });
      });
      channel.on("error", () => undefined); // a command may end before it has read its input
      channel.end(stdin);
    });
  });
}

/** Gathers what a stream says, as text only in the end: a character may come in two parts. */
function collected(stream: NodeJS.ReadableStream): () => string {
  const parts: Buffer[] = [];
  stream.on("data", (part: Buffer) => parts.push(part));
  return () => Buffer.concat(parts).toString("utf8");
}

async function upload(client: Client, name: string, local: string, remote: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => {
      reject(new Error(`${local} cannot be copied to ${remote} on ${name}: ${error.message}.`, { cause: error }));
    };
    const lost = () => {
      fail(new Error("the connection was lost"));
    };
    client.once("close", lost);
    client.sftp((error, sftp) => {
      if (error !== undefined) {
        fail(error);
        return;
      }
      sftp.fastPut(local, remote, (failure) => {
        client.removeListener("close", lost);
        sftp.end();
        if (failure == null) resolve();
        else fail(failure);
      });
    });
  });
}
