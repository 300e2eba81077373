/**
 * Five machines and a jump host on one machine: namespaces with the lab's names and addresses, each with its own file
 * tree, processes and a real sshd. All of it lives in namespaces of this process, so that the kernel ends it with it.
 */
import { spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createConnection } from "node:net";
import { dirname, join } from "node:path";
import { isRoot } from "../../embedded/owner.ts";
import { findProgram, run, until } from "../../embedded/run.ts";

/** What of a machine others know: where it answers and who it is. */
export interface LabMachine {
  readonly name: MachineName;
  readonly address: string;
  /** The public half of its sshd's host key. */
  readonly hostKey: string;
}

const network = "172.20.20";

/** The lab's nodes by name, and the jump host. */
const addresses = {
  "qke-master": `${network}.1`,
  "qke-worker-49-1": `${network}.11`,
  "qke-worker-49-2": `${network}.12`,
  "qke-worker-181-1": `${network}.51`,
  "qke-worker-181-2": `${network}.52`,
  jump: `${network}.2`,
} as const;

/** The name of a machine of the lab. */
export type MachineName = keyof typeof addresses;

/** The lab's nodes, without the jump host. */
export const nodeNames = (Object.keys(addresses) as MachineName[]).filter((name) => name !== "jump");

/** The ports that every sshd of the lab listens on. */
export const sshPorts = [22, 2222] as const;

/** The users that may log in everywhere with the lab's key; the second one becomes root by sudo. */
export const sshUsers = ["root", "quintet"] as const;

/** The name that leads to every server's API. */
export const apiName = "qke.com";

const marker = "QUINTET_SSH_LAB";

/** What tells this lab from every other one on this machine. */
const id = process.env[marker] ?? `${String(process.pid)}-${String(Date.now())}`;

/** What the lab mounts its file system on, in a mount namespace of its own. It must hide nothing. */
export const base = `/run/quintet-ssh-lab-${id}`;

/** Whether this process runs in namespaces of its own, where a lab may be made. */
export const inside = (): boolean => process.env[marker] !== undefined && process.pid < 10;

/** The programs that the lab needs, and the Debian package of each. */
const programs: Readonly<Record<string, string>> = {
  curl: "curl",
  ip: "iproute2",
  nsenter: "util-linux",
  openssl: "openssl",
  "ssh-keygen": "openssh-client",
  sshd: "openssh-server",
  sudo: "sudo",
  unshare: "util-linux",
};

/**
 * Runs this program again in network, mount, process, host name and IPC namespaces of its own, and ends with its exit
 * code; or with 1 when one of its processes or mounts is left.
 */
export async function enter(): Promise<never> {
  const missing = Object.keys(programs).filter((program) => findProgram(program) === undefined);
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((program) => programs[program] ?? program))].join(" ");
    throw new Error(
      `The SSH lab lacks ${missing.join(", ")} on this machine (on Debian: apt-get install ${packages}).`,
    );
  }
  if (!isRoot()) throw new Error("The SSH lab makes namespaces, and that needs root: run it with sudo.");
  mkdirSync(base, { recursive: true });
  const child = spawn(
    "unshare",
    [
      ...["--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc", "--"],
      ...[process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    ],
    { stdio: "inherit", env: { ...process.env, [marker]: id } },
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill("SIGKILL"));
  const code = await new Promise<number>((resolve) =>
    child.once("exit", (status) => {
      resolve(status ?? 1);
    }),
  );
  rmdirSync(base);
  const left = [...leftProcesses(), ...leftMounts()];
  if (left.length > 0) console.error(`The SSH lab has left on this machine:\n${left.join("\n")}`);
  process.exit(left.length > 0 ? 1 : code);
}

/** The processes that carry the mark of this lab. */
function leftProcesses(): string[] {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .flatMap((pid) => {
      try {
        const marked = readFileSync(`/proc/${pid}/environ`, "utf8").includes(`${marker}=${id}`);
        return marked ? [`process ${pid}: ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")}`] : [];
      } catch {
        return []; // it has ended since
      }
    });
}

const leftMounts = (): string[] =>
  readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .filter((line) => line.split(" ")[1]?.startsWith(base) === true)
    .map((line) => `mount ${line}`);

/** What a machine runs in: the process outside its namespaces, and the first one inside. */
interface Running {
  readonly outer: ChildProcess;
  readonly inner: number;
}

/** The machines. */
export interface Lab {
  readonly machine: (name: MachineName) => LabMachine;
  /** A folder that the stand-ins of all nodes share, there as /run/k3s-stand-in. */
  readonly shared: string;
  /** The path, from here, of a file of a running machine. */
  readonly file: (name: MachineName, path: string) => string;
  /** Runs a command on a machine, past SSH. */
  readonly run: (name: MachineName, command: string) => Promise<string>;
  /** Pulls the plug and switches on again; the disk stays. */
  readonly reboot: (name: MachineName) => Promise<void>;
  /** Puts an empty machine, with a host key of its own, in its place. */
  readonly replace: (name: MachineName) => Promise<void>;
  /** What a machine says of its memory in /proc/meminfo; given before it is rebooted. */
  readonly setMemory: (name: MachineName, mebibytes: number) => void;
  readonly end: () => Promise<void>;
}

/** How a lab is made. */
export interface LabOptions {
  /** The public key, one line, that may log in. */
  readonly authorizedKey: string;
  /** Prepares the shared folder before the first machine starts. */
  readonly prepare?: (shared: string) => Promise<void> | void;
}

/** Makes the lab and waits until every sshd answers. */
export async function createLab({ authorizedKey, prepare }: LabOptions): Promise<Lab> {
  if (!inside()) throw new Error("The lab wants namespaces of its own: call enter() first.");
  const labFolder = `${base}/lab`;
  await run("mount", ["-t", "tmpfs", "-o", "mode=755,size=24g", "tmpfs", base]);
  mkdirSync(join(labFolder, "shared"), { recursive: true, mode: 0o755 });
  await prepare?.(join(labFolder, "shared"));
  await run("ip", ["link", "set", "lo", "up"]);
  await run("ip", ["link", "add", "lab", "type", "bridge"]);
  await run("ip", ["address", "add", `${network}.254/24`, "dev", "lab"]);
  await run("ip", ["link", "set", "lab", "up"]);
  const running = new Map<MachineName, Running>();
  const folder = (name: MachineName) => join(labFolder, name);
  const names = Object.keys(addresses) as MachineName[];

  const start = async (name: MachineName) => {
    running.set(name, await startMachine(name, addresses[name], folder(name), names.indexOf(name)));
    await until(`the sshd of ${name}`, 20_000, () => greets(addresses[name]), 20);
  };
  const stop = async (name: MachineName) => {
    const machine = running.get(name);
    if (machine === undefined) return;
    running.delete(name);
    const ended = new Promise((resolve) => machine.outer.once("exit", resolve));
    process.kill(machine.inner, "SIGKILL"); // the first process takes its namespaces along
    await ended;
    await run("ip", ["link", "delete", portOf(names.indexOf(name))]).catch(() => ""); // gone with its other end
  };
  const inner = (name: MachineName): number => {
    const machine = running.get(name);
    if (machine === undefined) throw new Error(`${name} does not run.`);
    return machine.inner;
  };

  for (const name of names) await prepareMachine(name, folder(name), authorizedKey);
  await Promise.all(names.map(start));
  return {
    machine: (name) => ({ name, address: addresses[name], hostKey: hostKeyIn(folder(name)) }),
    shared: join(labFolder, "shared"),
    file: (name, path) => join(`/proc/${String(inner(name))}/root`, path),
    run: (name, command) =>
      run("nsenter", ["-t", String(inner(name)), "-m", "-u", "-i", "-n", "-p", "sh", "-c", command]),
    reboot: async (name) => {
      await stop(name);
      await start(name);
    },
    replace: async (name) => {
      await stop(name);
      rmSync(folder(name), { recursive: true });
      await prepareMachine(name, folder(name), authorizedKey);
      await start(name);
    },
    setMemory: (name, mebibytes) => {
      const text = readFileSync("/proc/meminfo", "utf8");
      const total = `MemTotal:       ${String(mebibytes * 1024)} kB`;
      writeFileSync(join(folder(name), "seen/meminfo"), text.replace(/^MemTotal:.*$/m, total));
    },
    end: async () => {
      for (const name of names) await stop(name);
    },
  };
}

const portOf = (index: number) => `port-${String(index)}`;
const hostKeyFile = "etc/ssh/lab_host_ecdsa_key";
const hostKeyIn = (folder: string) =>
  readFileSync(join(folder, "upper", `${hostKeyFile}.pub`), "utf8")
    .trim()
    .split(" ")
    .slice(0, 2)
    .join(" ");

/** Writes what the machine has of its own before it first starts. */
async function prepareMachine(name: MachineName, folder: string, authorizedKey: string): Promise<void> {
  const put = (path: string, text: string, mode = 0o644) => {
    const file = join(folder, "upper", path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
  };
  mkdirSync(join(folder, "seen"), { recursive: true });
  put("etc/hostname", `${name}\n`);
  put("etc/hosts", ["127.0.0.1 localhost", ...nodeNames.map((n) => `${addresses[n]} ${n} ${apiName}`), ""].join("\n"));
  put("etc/resolv.conf", "");
  put("etc/passwd", withoutUser(readFileSync("/etc/passwd", "utf8")) + "quintet:x:4242:4242::/home/quintet:/bin/sh\n");
  put("etc/group", withoutUser(readFileSync("/etc/group", "utf8")) + "quintet:x:4242:\n");
  put(
    "etc/shadow",
    sshUsers.map((user) => `${user}:*:19000:0:99999:7:::\n`).join("") + "sshd:*:19000:0:99999:7:::\n",
    0o600,
  );
  put("etc/sudoers.d/quintet", "quintet ALL=(ALL) NOPASSWD: ALL\nDefaults !syslog\n", 0o440);
  put("etc/ssh/lab_authorized_keys", `${authorizedKey}\n`);
  put("etc/ssh/lab_config", sshdConfig);
  mkdirSync(join(folder, "upper/home/quintet"), { recursive: true });
  mkdirSync(join(folder, "upper/var/log"), { recursive: true });
  for (const type of ["ecdsa", "ed25519"]) {
    await run("ssh-keygen", [
      "-q",
      "-t",
      type,
      "-N",
      "",
      "-C",
      "",
      "-f",
      join(folder, `upper/etc/ssh/lab_host_${type}_key`),
    ]);
  }
  for (const [program, target] of Object.entries(standIns)) {
    const file = join(folder, "upper", target);
    mkdirSync(join(file, ".."), { recursive: true });
    copyFileSync(join(import.meta.dirname, "stand-ins", program), file);
    chmodSync(file, 0o755);
  }
}

/** Whether an sshd answers. */
const greets = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: address, port: sshPorts[0], timeout: 1000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("data", (text) => {
      end(text.toString().startsWith("SSH-"));
    });
    for (const event of ["error", "timeout"]) {
      socket.once(event, () => {
        end(false);
      });
    }
  });

/** Where each stand-in lies on a node: before or over the program of that name. */
const standIns = {
  systemctl: "usr/bin/systemctl",
  modprobe: "usr/sbin/modprobe",
  timedatectl: "usr/bin/timedatectl",
  sleep: "usr/local/bin/sleep",
} as const;

const withoutUser = (text: string) => text.replace(/^quintet:.*\n/gm, "");

const sshdConfig = `${sshPorts.map((port) => `Port ${String(port)}`).join("\n")}
HostKey /etc/ssh/lab_host_ecdsa_key
HostKey /etc/ssh/lab_host_ed25519_key
AuthorizedKeysFile /etc/ssh/lab_authorized_keys
AllowUsers ${sshUsers.join(" ")}
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
MaxStartups 100
LogLevel VERBOSE
PidFile none
Subsystem sftp internal-sftp
`;

/** Where the stand-ins and what they import lie, and the Node.js that runs them. */
const seen = [join(import.meta.dirname, "../.."), dirname(process.execPath)];

async function startMachine(name: string, address: string, folder: string, index: number): Promise<Running> {
  const log = openSync(join(folder, "node-init.log"), "a");
  const outer = spawn(
    "unshare",
    [
      ...["--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--"],
      ...["/bin/sh", join(import.meta.dirname, "stand-ins/node-init"), name, address, folder, ...seen],
    ],
    { stdio: ["ignore", log, log], env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" } },
  );
  const pid = String(outer.pid);
  let inner = 0;
  await until(
    `the first process of ${name}`,
    10_000,
    () => {
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
      inner = Number(children.split(" ")[0]);
      return Promise.resolve(inner > 0 && existsSync(`/proc/${String(inner)}`));
    },
    10,
  );
  const port = portOf(index);
  // The same address after a restart, or the others would look for it at the old one for a while.
  const mac = `02:00:ac:14:14:${index.toString(16).padStart(2, "0")}`;
  await run("ip", [
    "link",
    "add",
    port,
    "type",
    "veth",
    "peer",
    "name",
    "eth0",
    "address",
    mac,
    "netns",
    String(inner),
  ]);
  await run("ip", ["link", "set", port, "master", "lab", "up"]);
  return { outer, inner };
}
