import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { binaryOf, defaultToolbox, findTool } from "../../toolchain/cache.ts";
import { ingressOf, kubeconfigOf, outputsOf, refuseSimulated, stackOf } from "../../scripts/find-stack.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-find-"));
const variables = ["QUINTET_CACHE", "PULUMI_BACKEND_URL"];
const before = variables.map((name) => [name, process.env[name]] as const);

beforeAll(() => {
  for (const name of variables) Reflect.deleteProperty(process.env, name);
  process.env["QUINTET_CACHE"] = join(folder, "cache");
});
afterAll(() => {
  for (const [name, value] of before) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true });
});

const stack = (answer: unknown) => ({ name: "dev", outputs: () => Promise.resolve(answer) });
const ingress = { url: "https://enroll.example", names: ["enroll.example"], addresses: ["192.0.2.1"] };
const whole = { cluster: { mode: "nodes" }, ingress };

const configOf = (cluster: object) => {
  const file = join(folder, "Pulumi.dev.yaml");
  writeFileSync(file, stringify({ config: { "quintet:cluster": cluster } }));
  return { stack: "dev", config: file };
};

describe("the outputs of a stack", () => {
  test("are given when it is up", async () => {
    expect(await outputsOf(stack(whole))).toEqual(whole);
    expect(ingressOf({ name: "dev" }, whole)).toEqual(ingress);
  });

  test("are missed in a sentence, without what the engine said", async () => {
    const box = defaultToolbox();
    const engine = binaryOf(findTool("pulumi", box), box);
    mkdirSync(dirname(engine), { recursive: true });
    writeFileSync(engine, "#!/bin/sh\necho 'error: no stack named dev found' >&2\nexit 255\n", { mode: 0o755 });
    await expect(outputsOf(stackOf(configOf({ kind: "embedded", name: "lab" })))).rejects.toThrow(
      /^Stack dev has no outputs that can be read: is it up\? If not: npm run up -- --stack dev$/,
    );
  });

  test("are not asked of a backend that is not named", async () => {
    await expect(outputsOf(stackOf(configOf({ kind: "k3s" })))).rejects.toThrow(/Set PULUMI_BACKEND_URL/);
  });

  test("are missed when there is nothing in them", async () => {
    await expect(outputsOf(stack({}))).rejects.toThrow("Stack dev is not up, or only in part");
  });

  test("say when there is no ingress, and when nothing answers", () => {
    const simulated = { cluster: { mode: "simulated" } };
    expect(() => ingressOf({ name: "dev" }, simulated)).toThrow("Stack dev has no ingress");
    expect(() => {
      refuseSimulated({ name: "dev" }, simulated);
    }).toThrow("The nodes of stack dev are simulated");
    expect(() => {
      refuseSimulated({ name: "dev" }, whole);
    }).not.toThrow();
  });
});

describe("the way to a cluster", () => {
  test("is the one that was named, if it is there", () => {
    const kubeconfig = join(folder, "kubeconfig");
    const flags = { stack: "none", kubeconfig };
    expect(() => kubeconfigOf(flags)).toThrow(`There is no kubeconfig ${kubeconfig}.`);
    writeFileSync(kubeconfig, "");
    expect(kubeconfigOf(flags)).toBe(kubeconfig);
  });

  test("has to be named where the cluster is none of this machine's", () => {
    expect(() => kubeconfigOf(configOf({ kind: "k3s" }))).toThrow("name its kubeconfig with --kubeconfig");
  });

  test("is the embedded cluster's, if it is there", () => {
    const flags = configOf({ kind: "embedded", name: "lab" });
    expect(() => kubeconfigOf(flags)).toThrow('The embedded cluster "lab" of stack dev is not there');
    const own = join(folder, "cache", "clusters", "lab");
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, "kubeconfig"), "");
    expect(kubeconfigOf(flags)).toBe(join(own, "kubeconfig"));
  });
});
