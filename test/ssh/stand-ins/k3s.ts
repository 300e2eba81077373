/**
 * A stand-in for k3s, for tests only: it writes down what it is given, acts like a cluster whose store is a folder that
 * all nodes share, and refuses what k3s refuses, so that a wrong order fails. It runs no container and no Kubernetes.
 *
 * Called as `k3s.ts VERSION ARGUMENTS...` by the file that `k3sBinary` of test/ssh/k3s.ts makes.
 */
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, get } from "node:https";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";

const shared = "/run/k3s-stand-in";
const data = "/var/lib/rancher/k3s";
const memberFolder = `${data}/server/db/etcd/member`;
const resetFlag = `${data}/server/db/reset-flag`;
const tombstone = `${data}/server/db/etcd/tombstone`;
const [version = "", ...argv] = process.argv.slice(2);

/** What the cluster is; the counterpart of etcd's content. */
interface Cluster {
  readonly uid: string;
  /** Hashes, since a test searches this folder for the tokens themselves. */
  readonly token: string;
  readonly members: readonly { readonly name: string; readonly voter: boolean }[];
  /** What must be the same on every server. */
  readonly critical: string;
}

/** A node as the API shows it. */
interface Node {
  readonly name: string;
  readonly role: string;
  readonly version: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly unschedulable: boolean;
  /** The hash of what only this machine knows, so that no other takes its name. */
  readonly password: string;
}

type Config = Readonly<Record<string, unknown>>;

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

function record(event: string, details: object = {}): void {
  const line = JSON.stringify({ at: Date.now(), node: hostname(), event, version, argv, ...details });
  appendFileSync(join(shared, "records.jsonl"), `${line}\n`);
}

function refuse(reason: string): never {
  record("refused", { reason });
  console.error(`level=fatal msg="${reason}" (k3s stand-in)`);
  process.exit(1);
}

function write(file: string, text: string, mode = 0o600): void {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}

const read = (file: string): unknown => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined);

// Both are written below.
const readCluster = () => read(join(shared, "cluster.json")) as Cluster | undefined;
const nodeFile = (name: string) => join(shared, "nodes", `${name}.json`);
const readNode = (name: string) => read(nodeFile(name)) as Node | undefined;
const readNodes = (): Node[] =>
  readdirSync(join(shared, "nodes"))
    .filter((file) => file.endsWith(".json"))
    .sort()
    .flatMap((file) => readNode(file.replace(/\.json$/, "")) ?? []);

/** Changes the store while nobody else does. */
async function change<T>(action: () => T): Promise<T> {
  const lock = join(shared, "lock");
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      if (Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 3000)
        rmSync(lock, { recursive: true, force: true });
      await sleep(10);
    }
  }
  try {
    return action();
  } finally {
    rmdirSync(lock);
  }
}

const saveCluster = (cluster: Cluster) => {
  write(join(shared, "cluster.json"), JSON.stringify(cluster));
};
const saveNode = (node: Node) => {
  write(nodeFile(node.name), JSON.stringify(node));
};

/** A machine whose last sign of life is older than this is down. */
const beatLife = 2500;
const beatInterval = 150;
/** How long a server that etcd has let go still runs. */
const tombstoneDelay = 4000;
const beatFile = (name: string) => join(shared, "alive", name);
const alive = (name: string) =>
  Date.now() - (statSync(beatFile(name), { throwIfNoEntry: false })?.mtimeMs ?? 0) < beatLife;

const hasQuorum = (cluster: Cluster): boolean => {
  const voters = cluster.members.filter(({ voter }) => voter);
  return voters.filter(({ name }) => alive(name)).length * 2 > voters.length;
};

/** Of the settings that k3s knows, those an agent takes. */
const agentKeys = [
  ...[
    "data-dir",
    "node-name",
    "node-ip",
    "node-label",
    "node-taint",
    "kubelet-arg",
    "kube-proxy-arg",
    "selinux",
    "debug",
  ],
  ...["protect-kernel-defaults", "token", "token-file", "server", "private-registry", "pause-image", "resolv-conf"],
];

/** Those that a server takes beside them. */
const serverKeys = [
  ...["cluster-init", "cluster-cidr", "service-cidr", "cluster-dns", "cluster-domain", "flannel-backend", "disable"],
  ...["disable-network-policy", "tls-san", "https-listen-port", "write-kubeconfig-mode", "secrets-encryption"],
  ...["etcd-snapshot-schedule-cron", "etcd-snapshot-retention", "etcd-snapshot-dir", "etcd-expose-metrics", "etcd-arg"],
  ...["kube-apiserver-arg", "kube-controller-manager-arg", "kube-scheduler-arg", "disable-cloud-controller"],
  ...["disable-kube-proxy", "advertise-address", "bind-address", "agent-token-file", "embedded-registry"],
];

/** Those that all servers must agree on. */
const criticalKeys = [
  ...["cluster-cidr", "service-cidr", "cluster-dns", "cluster-domain", "flannel-backend", "disable-network-policy"],
  ...["secrets-encryption", "disable-kube-proxy", "embedded-registry"],
];

/** The settings as k3s reads them: the file, and over it those of its folder. */
function readConfig(): { config: Config; files: Record<string, string> } {
  const base = "/etc/rancher/k3s/config.yaml";
  const folder = `${base}.d`;
  const paths = [
    base,
    ...(existsSync(folder)
      ? readdirSync(folder)
          .sort()
          .map((name) => join(folder, name))
      : []),
  ];
  const files: Record<string, string> = {};
  let config: Config = {};
  for (const path of paths.filter((one) => existsSync(one) && /\.ya?ml$/.test(one))) {
    files[path] = `${(statSync(path).mode & 0o777).toString(8)} ${hashOf(readFileSync(path, "utf8"))}`;
    config = { ...config, ...(parse(readFileSync(path, "utf8")) as Config | null) };
  }
  return { config, files };
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The kubelet's own demand under protect-kernel-defaults. */
const kernel = {
  "vm/overcommit_memory": "1",
  "vm/panic_on_oom": "0",
  "kernel/panic": "10",
  "kernel/panic_on_oops": "1",
};

/** What k3s and its parts say to settings that they cannot start with. */
function configProblem(role: string, config: Config): string | undefined {
  const known = role === "server" ? [...agentKeys, ...serverKeys] : agentKeys;
  const unknown = Object.keys(config).find((key) => !known.includes(key));
  if (unknown !== undefined) return `flag provided but not defined: -${unknown}`;
  if (config["node-name"] !== hostname()) return `node-name ${textOf(config["node-name"])} is not this machine's name`;
  if (config["protect-kernel-defaults"] === true) {
    for (const [name, wanted] of Object.entries(kernel)) {
      const found = readFileSync(`/proc/sys/${name}`, "utf8").trim();
      if (found !== wanted) return `invalid kernel flag: ${name}, expected value: ${wanted}, actual value: ${found}`;
    }
  }
  for (const argument of texts(config["kube-apiserver-arg"])) {
    const file = /^(?:audit-policy-file|admission-control-config-file)=(.*)$/.exec(argument)?.[1];
    if (file !== undefined && !existsSync(file)) return `kube-apiserver: open ${file}: no such file or directory`;
  }
  return undefined;
}

function readToken(config: Config): string {
  const file = textOf(config["token-file"]);
  if (config["token"] !== undefined) refuse("a token in the configuration shows in the API's node annotations");
  if (!existsSync(file)) refuse(`open ${file}: no such file or directory`);
  if ((statSync(file).mode & 0o077) !== 0) refuse(`${file} can be read by others than root`);
  return readFileSync(file, "utf8").trim();
}

const numbers = (text: string) =>
  text
    .replace(/^v/, "")
    .split(/[.+]/)
    .map((part) => parseInt(part.replace("k3s", ""), 10));
const minorOf = (text: string) => numbers(text)[1] ?? 0;
const older = (left: string, right: string): boolean => {
  const [a, b] = [numbers(left), numbers(right)];
  const at = a.findIndex((part, index) => part !== b[index]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
};

/** The skew that Kubernetes allows, and that no server goes back. */
function versionProblem(role: string, name: string): string | undefined {
  const others = readNodes().filter((node) => node.name !== name);
  const servers = others.filter((node) => node.role === "server");
  const own = readNode(name);
  if (role === "agent") {
    const oldest = Math.min(...servers.map((node) => minorOf(node.version)));
    if (minorOf(version) > oldest) return `kubelet ${version} is newer than the oldest API server`;
    return undefined;
  }
  if (own !== undefined && older(version, own.version))
    return `etcd was written by ${own.version}, newer than ${version}`;
  if (servers.some((node) => Math.abs(minorOf(node.version) - minorOf(version)) > 1))
    return "API servers more than one minor apart";
  const newer = others.find((node) => node.role === "agent" && minorOf(node.version) > minorOf(version));
  return newer === undefined ? undefined : `kubelet of ${newer.name} would be newer than this API server`;
}

/** What only this machine knows; made once, and kept where an uninstallation takes it away. */
function nodePassword(): string {
  const file = "/etc/rancher/node/password";
  if (!existsSync(file)) write(file, `${hashOf(String(Math.random()))}\n`);
  return hashOf(readFileSync(file, "utf8"));
}

async function ping(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(`${url}/ping`, { rejectUnauthorized: false, timeout: 2000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    }).on("error", () => {
      resolve(false);
    });
  });
}

async function waitFor(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

async function start(role: string): Promise<never> {
  const name = hostname();
  const { config, files } = readConfig();
  record("start", { role, config, files, binary: hashOf(readFileSync("/usr/local/bin/k3s", "utf8")) });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      rmSync(beatFile(name), { force: true });
      process.exit(0);
    });
  }
  const problem = configProblem(role, config);
  if (problem !== undefined) refuse(problem);
  const token = hashOf(readToken(config));
  const password = nodePassword();
  rmSync(resetFlag, { force: true });
  if (role === "server") await enterAsServer(name, config, token);
  else await enterAsAgent(config, token);
  const skew = versionProblem(role, name);
  if (skew !== undefined) refuse(skew);
  await register(role, name, config, password);
  mkdirSync(join(shared, "alive"), { recursive: true });
  let removed = 0;
  const beat = () => {
    writeFileSync(beatFile(name), "");
    const member = role === "agent" || (readCluster()?.members.some((one) => one.name === name) ?? true);
    removed = member ? 0 : removed + 1;
    if (removed * beatInterval < tombstoneDelay) return;
    writeFileSync(tombstone, "");
    process.exit(1);
  };
  beat();
  setInterval(beat, beatInterval);
  if (role === "server") await serve(config, token);
  write(`${data}/agent/kubelet.kubeconfig`, "server: https://127.0.0.1:6444\n");
  const ready = process.env["NOTIFY_FILE"];
  if (ready !== undefined) writeFileSync(ready, "");
  record("ready", { role });
  return new Promise(() => undefined);
}

/** How a server finds its cluster: by its own data, by another server, or by making one. */
async function enterAsServer(name: string, config: Config, token: string): Promise<void> {
  const critical = JSON.stringify(criticalKeys.map((key) => config[key] ?? null));
  if (existsSync(tombstone)) {
    // What etcd has let go is moved aside, and k3s joins as a new member.
    record("rejoins");
    rmSync(tombstone);
    rmSync(memberFolder, { recursive: true, force: true });
  }
  if (existsSync(memberFolder)) {
    const cluster = readCluster();
    if (cluster === undefined) refuse("etcd has data, and the cluster is gone");
    if (!cluster.members.some((member) => member.name === name))
      refuse("this server has been removed from the etcd cluster");
    if (cluster.token !== token) refuse("bootstrap data already found and encrypted with different token");
    if (cluster.critical !== critical) {
      // One server alone may bring in another setting; a second one is compared with it.
      if (cluster.members.length > 1) refuse("critical configuration value mismatch between servers");
      await change(() => {
        saveCluster({ ...cluster, critical });
      });
    }
    return;
  }
  const url = textOf(config["server"]);
  if (url !== "") {
    await waitFor(() => ping(url));
    await change(() => {
      const cluster = readCluster();
      if (cluster === undefined || !hasQuorum(cluster)) return refuse("etcdserver: no leader");
      if (cluster.token !== token) return refuse("token CA hash does not match, or the token is not valid");
      if (cluster.critical !== critical) return refuse("critical configuration value mismatch between servers");
      if (cluster.members.some((member) => member.name === name)) return refuse(`duplicate etcd member ${name}`);
      if (cluster.members.some(({ voter }) => !voter)) return refuse("etcdserver: too many learner members in cluster");
      saveCluster({ ...cluster, members: [...cluster.members, { name, voter: false }] });
      record("joined", { role: "server" });
    });
  } else if (config["cluster-init"] === true) {
    await change(() => {
      if (readCluster() !== undefined) refuse("a second cluster would be made beside the first");
      saveCluster({ uid: crypto.randomUUID(), token, members: [{ name, voter: true }], critical });
      record("initialised");
    });
  } else {
    refuse("neither server nor cluster-init: this would be a cluster of SQLite, apart from the others");
  }
  mkdirSync(memberFolder, { recursive: true, mode: 0o700 });
}

/** The server becomes the only member of a cluster of etcd that has what a snapshot has. */
async function reset(): Promise<void> {
  const { config } = readConfig();
  if (config["server"] !== undefined) {
    refuse("cannot perform cluster-reset while server URL is set - remove server from configuration before resetting");
  }
  if (alive(hostname())) refuse("k3s runs, and holds the lock of etcd's database");
  if (existsSync(resetFlag)) {
    refuse("Managed etcd cluster membership was already reset, please remove the cluster-reset flag");
  }
  const token = hashOf(readToken(config));
  const path = argv.find((word) => word.startsWith("--cluster-reset-restore-path="))?.replace(/^[^=]*=/, "") ?? "";
  if (!existsSync(path)) refuse(`stat ${path}: no such file or directory`);
  const bytes = readFileSync(path);
  const [content, end] = [bytes.subarray(0, -32), bytes.subarray(-32)];
  if (bytes.length % 512 !== 32) refuse("snapshot missing hash but --skip-hash-check=false");
  if (!createHash("sha256").update(content).digest().equals(end)) refuse("expected sha256, got another one");
  if ((statSync(path).mode & 0o077) !== 0) refuse(`${path} can be read by others than root`);
  await change(() => {
    const cluster = readCluster();
    if (cluster === undefined) return refuse("there is no cluster to reset");
    if (cluster.token !== token) return refuse("bootstrap data already found and encrypted with different token");
    renameSync(join(memberFolder, ".."), `${data}/server/db/etcd-old-${String(Date.now())}`);
    mkdirSync(memberFolder, { recursive: true, mode: 0o700 });
    saveCluster({ ...cluster, members: [{ name: hostname(), voter: true }] });
    write(resetFlag, "");
    record("reset", { target: hashOf(content.toString("hex")) });
  });
  console.log("Managed etcd cluster membership has been reset, restart without --cluster-reset flag now.");
}

async function enterAsAgent(config: Config, token: string): Promise<void> {
  const url = textOf(config["server"]);
  if (url === "") refuse("--server is required");
  await waitFor(() => ping(url));
  const cluster = readCluster();
  if (cluster === undefined) refuse("there is no cluster");
  if (cluster.token !== token) refuse("token CA hash does not match, or the token is not valid");
}

/** What a kubelet tells the API when it starts; its labels and taints only once. */
async function register(role: string, name: string, config: Config, password: string): Promise<void> {
  await change(() => {
    const old = readNode(name);
    if (old !== undefined && old.password !== password) refuse(`Node password rejected, duplicate hostname ${name}`);
    const pairs = texts(config["node-label"]).map((label) => label.split(/=(.*)/s).slice(0, 2) as [string, string]);
    const roles = { "node-role.kubernetes.io/control-plane": "true", "node-role.kubernetes.io/etcd": "true" };
    const first = {
      labels: Object.fromEntries(pairs),
      taints: texts(config["node-taint"]),
      annotations: {},
      unschedulable: false,
    };
    const { labels, ...rest } = old ?? first;
    const address = textOf(config["node-ip"]);
    saveNode({
      ...rest,
      address,
      labels: { ...labels, ...(role === "server" ? roles : {}) },
      name,
      role,
      version,
      password,
    });
    if (old === undefined) record("joined", { role: `${role} node` });
  });
}

/** The part of a server that others talk to. It takes the token that it was started with, or has changed to. */
async function serve(config: Config, startedWith: string): Promise<void> {
  const port = Number(config["https-listen-port"] ?? 6443);
  const tls = `${data}/server/tls`;
  let token = startedWith;
  write(`${tls}/server-ca.crt`, readFileSync(join(shared, "pki/ca.crt"), "utf8"));
  write(`${data}/server/token`, `${readToken(config)}\n`);
  const server = createServer(
    { cert: readFileSync(join(shared, "pki/server.crt")), key: readFileSync(join(shared, "pki/server.key")) },
    (request, response) => {
      const answer = (status: number, text = "") => {
        response.writeHead(status).end(text);
      };
      if (request.url === "/ping") {
        answer(200, "pong");
        return;
      }
      const [user, given = ""] = Buffer.from((request.headers.authorization ?? "").replace("Basic ", ""), "base64")
        .toString()
        .split(":");
      const cluster = readCluster();
      if (cluster === undefined || user !== "server" || hashOf(given) !== token) {
        answer(401);
        return;
      }
      if (!hasQuorum(cluster)) {
        answer(503);
        return;
      }
      if (request.method === "GET" && request.url === "/v1-k3s/encrypt/status") {
        answer(200, "{}");
      } else if (request.method === "PUT" && request.url === "/v1-k3s/token") {
        let body = "";
        request.on("data", (part: Buffer) => (body += part.toString()));
        request.on("end", () => {
          const { newToken = "" } = JSON.parse(body) as { newToken?: string };
          void change(() => {
            if (newToken === "") return;
            token = hashOf(newToken);
            saveCluster({ ...(readCluster() ?? cluster), token });
            record("token changed");
          }).then(() => {
            answer(newToken === "" ? 400 : 200);
          });
        });
      } else {
        answer(404);
      }
    },
  );
  await new Promise<void>((resolve) => server.listen(port, resolve));
  await sleep(100); // a learner catches up
  await change(() => {
    const cluster = readCluster();
    if (cluster === undefined) return;
    const members = cluster.members.map((member) => (member.name === hostname() ? { ...member, voter: true } : member));
    saveCluster({ ...cluster, members });
  });
  await waitFor(() => {
    const cluster = readCluster();
    return cluster !== undefined && hasQuorum(cluster);
  });
  write("/etc/rancher/k3s/k3s.yaml", kubeconfig(port));
}

/** The administrator's, in the form in which k3s writes it. */
const kubeconfig = (port: number) => `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${Buffer.from(readFileSync(join(shared, "pki/ca.crt"))).toString("base64")}
    server: https://127.0.0.1:${String(port)}
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
preferences: {}
users:
- name: default
  user:
    client-certificate-data: ${Buffer.from("stand-in").toString("base64")}
    client-key-data: ${Buffer.from(`stand-in ${readFileSync(join(shared, "client-key"), "utf8")}`).toString("base64")}
`;

/** The node as an object of the API. */
const nodeObject = (node: Node, cluster: Cluster) => ({
  metadata: { name: node.name, labels: node.labels, annotations: node.annotations },
  spec: { unschedulable: node.unschedulable, taints: node.taints },
  status: {
    nodeInfo: { kubeletVersion: node.version },
    addresses: [{ type: "InternalIP", address: node.address }],
    conditions: [
      { type: "Ready", status: alive(node.name) ? "True" : "Unknown" },
      ...cluster.members
        .filter(({ name }) => name === node.name)
        .map(({ voter }) => ({ type: "EtcdIsVoter", status: voter ? "True" : "False" })),
    ],
  },
});

/** kubectl's jsonpath, as far as the scripts use it: fields, `[*]`, `[?(@.type=="Ready")]`, `{range}` and text. */
function jsonpath(template: string, value: unknown): string {
  let out = "";
  let rest = template;
  while (rest !== "") {
    const text = /^[^{]+/.exec(rest)?.[0];
    if (text !== undefined) {
      out += text;
      rest = rest.slice(text.length);
      continue;
    }
    const range = /^\{range (.*?)\}(.*?)\{end\}/s.exec(rest);
    if (range !== null) {
      out += select(range[1] ?? "", value)
        .map((item) => jsonpath(range[2] ?? "", item))
        .join("");
      rest = rest.slice(range[0].length);
      continue;
    }
    const [whole = "{}", inner = ""] = /^\{("(?:[^"\\]|\\.)*"|[^}]*)\}/.exec(rest) ?? [];
    out += inner.startsWith('"') ? String(JSON.parse(inner)) : select(inner, value).map(String).join(" ");
    rest = rest.slice(whole.length);
  }
  return out;
}

function select(path: string, value: unknown): unknown[] {
  let found: unknown[] = [value];
  for (const [, key, filterKey = "", filterValue] of path.matchAll(
    /\.((?:\\.|[^.[\\])+)|\[\*\]|\[\?\(@\.(\w+)=="([^"]*)"\)\]/g,
  )) {
    if (key !== undefined)
      found = found.map((one) => (one as Record<string, unknown> | undefined)?.[key.replaceAll("\\", "")]);
    else found = found.flatMap((one) => (one ?? []) as unknown[]);
    if (filterValue !== undefined)
      found = found.filter((one) => (one as Record<string, unknown>)[filterKey] === filterValue);
    found = found.filter((one) => one !== undefined);
  }
  return found;
}

async function kubectl(all: readonly string[]): Promise<void> {
  const fail = (reason: string): never => {
    console.error(`Error from server: ${reason} (k3s stand-in)`);
    return process.exit(1);
  };
  const option = (name: string) => {
    const at = all.indexOf(name);
    return at >= 0 ? (all[at + 1] ?? "") : all.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  };
  const file = option("--kubeconfig") ?? "/etc/rancher/k3s/k3s.yaml"; // k3s' own default
  if (!existsSync(file)) fail(`stat ${file}: no such file or directory`);
  const administrator = file.endsWith("k3s.yaml");
  const cluster = readCluster();
  const asked = /^https:\/\/([\d.]+):/.exec(option("--server") ?? "")?.[1];
  const through = asked === undefined ? hostname() : readNodes().find(({ address }) => address === asked)?.name;
  const serving = (cluster?.members ?? []).map(({ name }) => name).filter(alive);
  const up = administrator ? serving.some((name) => name === through) : serving.length > 0;
  if (cluster === undefined || !up || !hasQuorum(cluster)) return fail("the connection to the server was refused");
  const valued = ["--kubeconfig", "-o", "--raw"];
  const words = all.filter((one, index) => !one.startsWith("-") && !valued.includes(all[index - 1] ?? ""));
  const [verb, kind = ""] = words;
  const ownLabel = verb === "label" && words[2] === hostname();
  if (verb !== "get" && !administrator && !ownLabel)
    return fail(`User "system:node:${hostname()}" cannot ${verb ?? ""} ${kind}`);
  const output = (option("-o") ?? "").replace(/^jsonpath=/, "");
  const name = (["cordon", "drain"].includes(verb ?? "") ? words[1] : words[2]) ?? "";
  const node = readNode(name);
  const known = (): Node => node ?? fail(`nodes "${name}" not found`);
  if (verb === "get" && option("--raw") === "/readyz") {
    process.stdout.write("ok");
  } else if (verb === "get" && kind === "nodes") {
    const only = option("--field-selector")?.replace("metadata.name=", "");
    if (!administrator && only !== hostname()) fail(`User "system:node:${hostname()}" can only list its own node`);
    const items = readNodes().filter((one) => only === undefined || one.name === only);
    process.stdout.write(jsonpath(output, { items: items.map((one) => nodeObject(one, cluster)) }));
  } else if (verb === "get" && kind === "node") {
    process.stdout.write(jsonpath(output, nodeObject(known(), cluster)));
  } else if (verb === "get" && kind === "namespace") {
    process.stdout.write(jsonpath(output, { metadata: { name, uid: cluster.uid } }));
  } else if (verb === "cordon" || verb === "drain") {
    record(verb, { target: name });
    await change(() => {
      saveNode({ ...known(), unschedulable: true });
    });
    if (verb === "drain" && !alive(name)) fail("error when waiting for pods to terminate: global timeout reached");
    console.log(`node/${name} ${verb}ed`);
  } else if (verb === "annotate" && kind === "node") {
    const pair = words[3] ?? "";
    const [key = "", value = ""] = pair.split("=");
    record("annotate", { target: name, pair });
    await change(() => {
      const removed: Record<string, string> =
        key === "etcd.k3s.cattle.io/remove" ? { "etcd.k3s.cattle.io/removed-node-name": `${name}-1` } : {};
      saveNode({ ...known(), annotations: { ...known().annotations, [key]: value, ...removed } });
      const now = readCluster() ?? cluster;
      if (key === "etcd.k3s.cattle.io/remove") {
        saveCluster({ ...now, members: now.members.filter((one) => one.name !== name) });
      }
    });
  } else if (verb === "label" && kind === "node") {
    const [key = "", value = ""] = (words[3] ?? "").split("=");
    await change(() => {
      saveNode({ ...known(), labels: { ...known().labels, [key]: value } });
    });
  } else if (verb === "delete" && kind === "node") {
    if (node === undefined && all.includes("--ignore-not-found")) return;
    record("delete node", { target: name });
    if (cluster.members.some((one) => one.name === name)) fail(`${name} is still a member of etcd`);
    await change(() => {
      rmSync(nodeFile(known().name));
    });
  } else {
    fail(`the stand-in does not know ${words.join(" ")}`);
  }
}

function snapshot(): void {
  const cluster = readCluster();
  if (cluster === undefined || !alive(hostname()) || !hasQuorum(cluster))
    refuse("etcd does not answer, so there is nothing to save");
  const name = argv[argv.indexOf("--name") + 1] ?? "on-demand";
  record("snapshot", { name });
  write(`${data}/server/db/snapshots/${name}-${hostname()}-${String(Date.now())}`, JSON.stringify(cluster));
}

mkdirSync(join(shared, "nodes"), { recursive: true });
const [command = "", second = ""] = argv;
if (command === "server" && argv.includes("--cluster-reset")) {
  await reset();
} else if (command === "server" || command === "agent") {
  await start(command);
} else if (command === "kubectl") {
  await kubectl(argv.slice(1));
} else if (command === "--version") {
  console.log(`k3s version ${version} (stand-in)`);
} else if (command === "etcd-snapshot" && second === "save") {
  snapshot();
} else if (command === "certificate" && second === "rotate") {
  if (alive(hostname())) refuse("certificates are rotated while k3s runs");
  record("certificates rotated");
} else {
  refuse(`the stand-in does not know the command ${argv.join(" ")}`);
}
