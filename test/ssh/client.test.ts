import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import {
  type AddressInfo,
  connect as connectSocket,
  createServer,
  type Server as TcpServer,
  type Socket,
} from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ssh2, { type Connection as ServerConnection, type ParsedKey, type ServerChannel, type Session } from "ssh2";
import { sshKeyPair } from "../lib/ssh-keys.ts";
import { type Connection, connect, type Endpoint, type Machine } from "../../ssh/client.ts";

const { parseKey } = ssh2.utils;
const { STATUS_CODE } = ssh2.utils.sftp;

const passphrase = "the passphrase of the tests";
const [user, other] = [sshKeyPair(), sshKeyPair()];
const encrypted = sshKeyPair("ed25519", passphrase);
const hostKeys = {
  ed25519: sshKeyPair(),
  ecdsa: sshKeyPair("ecdsa"),
  rsa: sshKeyPair("rsa"),
  jump: sshKeyPair(),
  another: sshKeyPair(),
};

/** The keys that may log in. */
const allowed = [user, encrypted].map((pair) => parsed(pair.public));

function parsed(line: string): ParsedKey {
  const key = parseKey(line);
  if (key instanceof Error) throw key;
  return key;
}

/** An SSH server on this machine, with what it was asked for. */
interface TestServer {
  readonly port: number;
  /** The commands, and the passwords and keys that it was shown. */
  readonly commands: string[];
  readonly attempts: string[];
  readonly uploaded: Map<string, string>;
  /** Cuts every connection, as a machine that loses power does. */
  readonly cut: () => void;
}

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** What the server's commands do; one that is not here never ends. */
const commands: Readonly<Record<string, (channel: ServerChannel, stdin: string) => void>> = {
  both: (channel, stdin) => {
    channel.stderr.write("to stderr: ü");
    channel.write(Buffer.from("to stdout: ü").subarray(0, -1)); // half of a character
    channel.write(Buffer.from("ü").subarray(-1));
    channel.write(`, ${stdin}`);
    channel.exit(0);
    channel.end();
  },
  "fails with 3": (channel) => {
    channel.exit(3);
    channel.end();
  },
  "is killed": (channel) => {
    channel.exit("KILL");
    channel.end();
  },
  "says no end": (channel) => {
    channel.end();
  },
};

async function sshServer(keys: readonly { readonly private: string }[] = [hostKeys.ed25519]): Promise<TestServer> {
  const clients = new Set<ServerConnection>();
  const told = { commands: [] as string[], attempts: [] as string[], uploaded: new Map<string, string>() };
  const server = new ssh2.Server({ hostKeys: keys.map((key) => key.private) }, (client) => {
    clients.add(client);
    (client as unknown as ssh2.Client).setNoDelay(true); // which it has, too, though its type lacks it
    client.on("error", () => undefined); // a client that refuses the host key hangs up
    client.on("close", () => clients.delete(client));
    client.on("authentication", (context) => {
      told.attempts.push(context.method);
      if (context.method !== "publickey" || context.username !== "quintet") {
        context.reject(["publickey"]);
        return;
      }
      const { key, blob, signature } = context;
      const match = allowed.find((one) => one.getPublicSSH().equals(key.data));
      if (match === undefined || (blob !== undefined && !match.verify(blob, signature ?? Buffer.of()))) {
        context.reject();
      } else {
        context.accept();
      }
    });
    client.on("ready", () => {
      client.on("session", (accept) => {
        serve(accept(), told.commands, told.uploaded);
      });
      client.on("tcpip", (accept, reject, { destIP, destPort }) => {
        const socket = connectSocket(destPort, destIP, () => {
          const channel = accept();
          channel.pipe(socket).pipe(channel);
        });
        socket.once("error", () => {
          reject();
        });
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const client of clients) client.end();
  };
  open.push(() => {
    cut();
    server.close();
  });
  return { ...told, port: (server.address() as AddressInfo).port, cut };
}

function serve(session: Session, told: string[], uploaded: Map<string, string>): void {
  session.on("exec", (accept, _reject, { command }) => {
    told.push(command);
    const channel = accept();
    let stdin = "";
    channel.on("data", (part: Buffer) => (stdin += part.toString()));
    channel.on("end", () => commands[command]?.(channel, stdin));
  });
  session.on("sftp", (accept) => {
    const sftp = accept();
    const names: string[] = [];
    sftp.on("OPEN", (id, name) => {
      if (name.startsWith("/nowhere")) {
        sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
        return;
      }
      uploaded.set(name, "");
      sftp.handle(id, Buffer.of(names.push(name) - 1));
    });
    sftp.on("WRITE", (id, handle, _offset, part) => {
      const name = names[handle[0] ?? 0] ?? "";
      uploaded.set(name, `${uploaded.get(name) ?? ""}${part.toString()}`);
      sftp.status(id, STATUS_CODE.OK);
    });
    sftp.on("CLOSE", (id) => {
      sftp.status(id, STATUS_CODE.OK);
    });
  });
}

const endpoint = (port: number, key: { readonly public: string } = hostKeys.ed25519): Endpoint => ({
  host: "127.0.0.1",
  port,
  user: "quintet",
  hostKey: key.public,
});
const machine = (port: number, changes: Partial<Machine> = {}): Machine => ({
  ...endpoint(port),
  privateKey: user.private,
  ...changes,
});

async function connected(to: Machine): Promise<Connection> {
  const connection = await connect(to, 5000);
  open.push(connection.close);
  return connection;
}

/** What a promise fails with. */
async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return String(error);
  }
  throw new Error("It has not failed.");
}

const name = (port: number) => `quintet@127.0.0.1:${String(port)}`;
const fingerprint = /SHA256:[A-Za-z0-9+/]{43}/;

describe("the host key", () => {
  test("another one is refused by its fingerprint, and the server is shown no key and no command", async () => {
    const server = await sshServer();
    const refusal = await failure(connect(machine(server.port, { hostKey: hostKeys.another.public })));
    expect(refusal).toContain(`The host key of ${name(server.port)} is not the configured one: expected SHA256:`);
    const [expected, got] = [...refusal.matchAll(new RegExp(fingerprint, "g"))].map(([text]) => text);
    expect(got).not.toBe(expected);
    expect([server.attempts, server.commands]).toEqual([[], []]);
  });

  test.each(["ed25519", "ecdsa", "rsa"] as const)(
    "of a server with several, the configured %s counts",
    async (type) => {
      const server = await sshServer([hostKeys.ecdsa, hostKeys.ed25519, hostKeys.rsa]);
      const connection = await connected(machine(server.port, { hostKey: hostKeys[type].public }));
      expect((await connection.run("fails with 3")).code).toBe(3);
    },
  );

  test("a type that the server does not have is said, and nothing is sent", async () => {
    const server = await sshServer([hostKeys.ed25519]);
    await expect(connect(machine(server.port, { hostKey: hostKeys.ecdsa.public }))).rejects.toThrow(
      `${name(server.port)} has no host key of type ecdsa-sha2-nistp256, which is the type of the configured one. Nothing was sent to it.`,
    );
    expect(server.attempts).toEqual([]);
  });

  test.each([
    ["none", ""],
    ["half of one", "ssh-ed25519 AAAAC3"],
    ["a private key", hostKeys.ed25519.private],
  ])("%s is no host key, and the server is not even dialled", async (_what, hostKey) => {
    await expect(connect(machine(1, { hostKey }))).rejects.toThrow("The host key of 127.0.0.1 is not a public key");
  });

  test("a comment behind it does not matter", async () => {
    const server = await sshServer();
    await connected(machine(server.port, { hostKey: `${hostKeys.ed25519.public} root@qke-master\n` }));
    expect(server.attempts).toContain("publickey");
  });
});

describe("the user's key", () => {
  test("opens the door", async () => {
    const server = await sshServer();
    const connection = await connected(machine(server.port));
    expect(await connection.run("fails with 3")).toEqual({ stdout: "", stderr: "", code: 3 });
  });

  test("is decrypted by its passphrase", async () => {
    const server = await sshServer();
    await connected(machine(server.port, { privateKey: encrypted.private, passphrase }));
    expect(server.attempts).toContain("publickey");
  });

  test("is the only way in: no password is tried, nor asked for", async () => {
    const server = await sshServer();
    await expect(connect(machine(server.port, { privateKey: other.private }))).rejects.toThrow(
      `${name(server.port)} refused the private key: it is not among the keys that may log in as quintet.`,
    );
    expect(new Set(server.attempts)).toEqual(new Set(["publickey"]));
  });

  test.each([
    ["lacks its passphrase", encrypted.private, undefined],
    ["has another passphrase", encrypted.private, "another passphrase"],
    ["is damaged", user.private.slice(0, 200), undefined],
  ])("that %s is said, and neither of them is quoted", async (_what, privateKey, given) => {
    const server = await sshServer();
    const to = machine(server.port, { privateKey, ...(given === undefined ? {} : { passphrase: given }) });
    const message = await failure(connect(to));
    expect(message).toContain(`The private key for ${name(server.port)} cannot be read`);
    expect(message).not.toContain(privateKey.split("\n")[1]);
    expect(message).not.toContain("another passphrase");
  });
});

describe("a machine that cannot be reached", () => {
  test("says nothing: the deadline is kept", async () => {
    const port = await tcpServer(() => undefined);
    const start = performance.now();
    await expect(connect(machine(port), 300)).rejects.toThrow(`${name(port)} did not answer within 0.3 s.`);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test("is not there", async () => {
    await expect(connect(machine(1))).rejects.toThrow(`${name(1)} cannot be reached: connect ECONNREFUSED`);
  });

  test("hangs up", async () => {
    const port = await tcpServer((socket) => socket.end());
    await expect(connect(machine(port), 2000)).rejects.toThrow(`${name(port)} cannot be reached:`);
  });
});

describe("a command", () => {
  test("reads its input and says both its outputs, characters whole", async () => {
    const server = await sshServer();
    const connection = await connected(machine(server.port));
    expect(await connection.run("both", { stdin: "the input" })).toEqual({
      stdout: "to stdout: ü, the input",
      stderr: "to stderr: ü",
      code: 0,
    });
    expect(server.commands).toEqual(["both"]);
  });

  test("that a signal ends has no exit code", async () => {
    const connection = await connected(machine((await sshServer()).port));
    expect(await connection.run("is killed")).toEqual({ stdout: "", stderr: "", signal: "KILL" });
  });

  test("that never ends is given up at its deadline", async () => {
    const server = await sshServer();
    const connection = await connected(machine(server.port));
    await expect(connection.run("sleep", { deadline: 200 })).rejects.toThrow(
      `A command on ${name(server.port)} did not end within 0.2 s.`,
    );
  });

  test("whose connection is cut may have gone on", async () => {
    const server = await sshServer();
    const connection = await connected(machine(server.port));
    const result = failure(connection.run("sleep"));
    setTimeout(server.cut, 100);
    expect(await result).toContain(
      `The connection to ${name(server.port)} was lost while a command ran: it may have gone on there.`,
    );
  });

  test("without an exit code is not a success", async () => {
    const connection = await connected(machine((await sshServer()).port));
    await expect(connection.run("says no end")).rejects.toThrow("was lost while a command ran");
  });
});

describe("a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "quintet-ssh-"));
  const file = join(folder, "k3s");
  writeFileSync(file, "the content\n".repeat(10_000));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("is copied whole", async () => {
    const server = await sshServer();
    const connection = await connected(machine(server.port));
    await connection.upload(file, "/var/tmp/k3s");
    expect(server.uploaded.get("/var/tmp/k3s")?.length).toBe(120_000);
  });

  test.each([
    ["is not here", join(folder, "none"), "/var/tmp/k3s", "no such file"],
    ["has no folder there", file, "/nowhere/k3s", "No such file"],
  ])("that %s is said with both paths", async (_what, local, remote, reason) => {
    const server = await sshServer();
    const connection = await connected(machine(server.port));
    const message = await failure(connection.upload(local, remote));
    expect(message).toContain(`${local} cannot be copied to ${remote} on ${name(server.port)}`);
    expect(message).toContain(reason);
  });
});

describe("a jump host", () => {
  test("leads on, with the same key and a host key for each", async () => {
    const [server, jump] = [await sshServer(), await sshServer([hostKeys.jump])];
    const connection = await connected(machine(server.port, { jump: endpoint(jump.port, hostKeys.jump) }));
    expect((await connection.run("both", { stdin: "past the jump host" })).stdout).toContain("past the jump host");
    expect([jump.commands, server.commands]).toEqual([[], ["both"]]);
  });

  test("with another host key is refused, and the machine behind it is not reached", async () => {
    const [server, jump] = [await sshServer(), await sshServer([hostKeys.jump])];
    const to = machine(server.port, { jump: endpoint(jump.port, hostKeys.another) });
    await expect(connect(to)).rejects.toThrow(`The host key of ${name(jump.port)} is not the configured one`);
    expect([jump.attempts, server.attempts]).toEqual([[], []]);
  });

  test("before a machine with another host key: the machine is refused", async () => {
    const [server, jump] = [await sshServer(), await sshServer([hostKeys.jump])];
    const to = machine(server.port, { hostKey: hostKeys.another.public, jump: endpoint(jump.port, hostKeys.jump) });
    await expect(connect(to)).rejects.toThrow(`The host key of ${name(server.port)} is not the configured one`);
    expect(server.attempts).toEqual([]);
  });

  test("that does not get through is named beside the machine", async () => {
    const jump = await sshServer([hostKeys.jump]);
    await expect(connect(machine(1, { jump: endpoint(jump.port, hostKeys.jump) }))).rejects.toThrow(
      `${name(1)} cannot be reached through the jump host ${name(jump.port)}: `,
    );
  });
});

async function tcpServer(onConnection: (socket: Socket) => void): Promise<number> {
  const server: TcpServer = createServer((socket) => {
    socket.on("error", () => undefined); // the client gives up
    open.push(() => socket.destroy());
    onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push(() => server.close());
  return (server.address() as AddressInfo).port;
}
