import * as pulumi from "@pulumi/pulumi";
import { K3sCluster, type K3sClusterArgs } from "../../../../components/cluster/k3s/index.ts";
import { planSteps } from "../../../../components/cluster/k3s/steps.ts";
import { makeCanaries, searchFor } from "../../../lib/canaries.ts";
import { record, secret } from "../../../lib/record.ts";
import { hostKey, lab } from "./lab.ts";

const canaries = makeCanaries();
const args: K3sClusterArgs = {
  config: lab(),
  ssh: { privateKey: canaries.sshPrivateKey, passphrase: canaries.sshPassphrase },
  token: canaries.k3sToken,
};
const make = (overrides: Partial<K3sClusterArgs> = {}, preview = false) =>
  record(() => new K3sCluster("cluster", { ...args, ...overrides }), { preview });
const inFull = (name: string) => `command:remote:Command::cluster-${name}`;

test("its resources are the steps, each after those it needs, and each with a connection that is secret", async () => {
  const { resources } = await make();
  const expected = planSteps(args.config).map((step) => {
    if (step.kind !== "run") throw new Error("The lab copies nothing.");
    const { create, update, stdin } = step;
    return {
      type: "command:remote:Command",
      name: `cluster-${step.name}`,
      inputs: {
        connection: secret,
        addPreviousOutputInEnv: false,
        create,
        update,
        ...(step.delete === undefined ? {} : { delete: step.delete }),
        ...(stdin === undefined ? {} : { stdin: stdin === "token" ? secret : stdin.text }),
        ...(step.prints === "secret" ? { logging: "none" } : {}),
      },
      after: step.after.map(inFull).sort(),
    };
  });
  const made = resources
    .filter(({ custom }) => custom)
    .map(({ type, name, inputs, after }) => ({ type, name, inputs, after }));
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  expect(made.sort(byName)).toEqual(expected.sort(byName));
});

test("what the lab's nodes run, by name", async () => {
  const { resources } = await make();
  const root = "sudo -n sh /var/lib/quintet/k3s/wanted/scripts";
  const inputsOf = (name: string) => resources.find((one) => one.name === `cluster-${name}`)?.inputs;
  const node = inputsOf("node-qke-worker-49-1");
  expect(node).toMatchObject({ delete: `${root}/remove.sh`, stdin: secret });
  expect(node?.["update"]).toBe(node?.["create"]);
  expect(node?.["create"]).toMatch(/^sudo -n sh \/var\/lib\/quintet\/k3s\/wanted\/scripts\/apply\.sh [0-9a-f]{64}$/);
  expect(inputsOf("bootstrap")).toMatchObject({ create: `${root}/bootstrap.sh`, update: "true" });
  expect(inputsOf("members")).toMatchObject({
    create: `${root}/members.sh`,
    stdin: [
      "qke-master server v1.36.3+k3s1",
      "qke-worker-49-1 server v1.36.3+k3s1",
      "qke-worker-181-1 server v1.36.3+k3s1",
      "qke-worker-49-2 agent v1.36.3+k3s1",
      "qke-worker-181-2 agent v1.36.3+k3s1",
      "",
    ].join("\n"),
  });
  expect(inputsOf("kubeconfig")).toMatchObject({ create: `${root}/kubeconfig.sh 0`, logging: "none" });
});

test("nothing but a copy has triggers, which replace a resource and so would uninstall a node", async () => {
  const { resources } = await make();
  expect(resources.filter(({ inputs }) => "triggers" in inputs)).toEqual([]);
});

test("the id stays known whichever server is asked", async () => {
  const { resources } = await make();
  const id = resources.find(({ name }) => name === "cluster-id");
  expect(id?.ignoreChanges).toEqual(["connection", "create", "update"]);
});

test("the cluster is protected unless told otherwise", async () => {
  const isProtected = ({ resources }: Awaited<ReturnType<typeof make>>) =>
    resources.filter(({ protect }) => protect === true).map(({ name }) => name);
  expect(isProtected(await make())).toEqual(["cluster-bootstrap"]);
  expect(isProtected(await make({ protect: false }))).toEqual([]);
});

test("a closed network gets the binary and the images copied, once every machine has been checked", async () => {
  const source = {
    from: "artifact",
    binary: "package.json",
    imagesSha256: "6".repeat(64),
    images: "images.tar.zst",
  } as const;
  const { resources } = await make({ config: lab({ source }) });
  const copies = resources.filter(({ type }) => type === "command:remote:CopyToRemote");
  expect(copies.map(({ name }) => name)).toContain("cluster-images-qke-worker-49-2");
  expect(copies).toHaveLength(10);
  for (const { name, inputs, after } of copies) {
    expect(inputs["connection"]).toBe(secret);
    expect(inputs["triggers"]).toEqual([hostKey(name.replace(/^cluster-(binary|images)-/, ""))]);
    expect(after).toEqual(
      lab()
        .nodes.map(({ name }) => inFull(`preflight-${name}`))
        .sort(),
    );
  }
  const install = resources.find(({ name }) => name === "cluster-bootstrap");
  expect(install?.after).toContain("command:remote:CopyToRemote::cluster-binary-qke-worker-49-2");
});

/** What a connection is, for one who may see it. */
async function connections(config: K3sClusterArgs["config"]): Promise<unknown[]> {
  const seen: unknown[] = [];
  await record(() => {
    const transform: pulumi.ResourceTransformation = ({ props }) => {
      const { connection } = props as { connection?: pulumi.Output<object> }; // of both types
      connection?.apply((value) => seen.push(value));
      return undefined;
    };
    return new K3sCluster("cluster", { ...args, config }, { transformations: [transform] });
  });
  return seen;
}

test("a node is reached at its address with its own host key, and given up when it does not answer", async () => {
  const key = {
    privateKey: canaries.sshPrivateKey,
    privateKeyPassword: canaries.sshPassphrase,
    perDialTimeout: 15,
    dialErrorLimit: 3,
  };
  expect(await connections(lab())).toContainEqual({
    host: "172.20.20.12",
    port: 22,
    user: "quintet",
    hostKey: hostKey("qke-worker-49-2"),
    ...key,
  });
  const jump = { host: "jump.qke.com", user: "operator", port: 2222, hostKey: hostKey("jump") };
  expect(await connections(lab({ ssh: { user: "root", port: 2200, jump } }))).toContainEqual({
    host: "172.20.20.1",
    port: 2200,
    user: "root",
    hostKey: hostKey("qke-master"),
    ...key,
    proxy: { ...jump, ...key },
  });
});

test.each([false, true])("no secret is in an input in clear, or in an output (preview: %s)", async (preview) => {
  const { resources, result } = await make({}, preview);
  expect(searchFor(canaries).find(resources)).toEqual([]);
  expect(await pulumi.isSecret(result.kubeconfig)).toBe(true);
});

test("a preview shows the resources that an update makes", async () => {
  const urns = async (preview: boolean) => (await make({}, preview)).resources.map(({ urn }) => urn);
  expect(await urns(true)).toEqual(await urns(false));
});
