import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseConfig, schemas } from "../config.ts";
import { fixtures } from "./lib/fixtures.ts";
import { facts, host, kubeconfig, root, stackConfig, stacks } from "./lib/stacks.ts";

const embedded = { "quintet:cluster": '{"kind":"embedded"}' };

describe("refused", () => {
  test.each(fixtures("invalid"))("$name", ({ values, refused }) => {
    expect(refused).not.toEqual([]);
    const lines = refused.map((problem) => `  ${problem}`);
    const message = ["The stack's configuration is refused and nothing has been changed:", ...lines].join("\n");
    expect(() => parseConfig(values, host)).toThrow(new Error(message));
  });

  test("an embedded cluster that is not up, with the command that starts it", () => {
    const absent = { cache: "/cache", read: () => undefined };
    expect(() => parseConfig(embedded, absent)).toThrow(
      "quintet:cluster: there is no kubeconfig at /cache/clusters/quintet/kubeconfig, start the cluster with `npm run cluster -- up`",
    );
    expect(() => parseConfig({ "quintet:cluster": '{"kind":"embedded","name":"second"}' }, absent)).toThrow(
      "`npm run cluster -- up --name second`",
    );
  });

  test("an existing cluster whose kubeconfig is not there", () => {
    const existing = fixtures("valid").find(({ name }) => name === "existing");
    expect(() => parseConfig(existing?.values ?? {}, { cache: "/cache", read: () => undefined })).toThrow(
      `quintet:cluster: there is no kubeconfig at ${join(root, "kubeconfig")}, set quintet:cluster.kubeconfig to its path`,
    );
  });
});

describe("accepted", () => {
  test.each(fixtures("valid"))("$name", ({ values }) => {
    expect(() => parseConfig(values, host)).not.toThrow();
  });

  test.each(stacks)("stack %s", (stack) => {
    expect(() => stackConfig(stack)).not.toThrow();
  });

  test("with every default, frozen to the bottom", () => {
    const config = parseConfig(embedded, host);
    expect(config).toEqual({
      cluster: { kind: "embedded", kubeconfig: kubeconfig(), kubeconfigFile: "/cache/clusters/quintet/kubeconfig" },
      backend: {
        namespace: "backend",
        replicas: { min: 3, max: 10 },
        resources: { cpu: "100m", memory: "64Mi" },
      },
    });
    expect(Object.isFrozen(config) && Object.isFrozen(config.backend.replicas)).toBe(true);
  });

  test("an existing cluster by its own facts and context", () => {
    const existing = fixtures("valid").find(({ name }) => name === "existing");
    const { cluster } = parseConfig(existing?.values ?? {}, host);
    expect(cluster).toMatchObject({ kind: "existing", context: "lab", facts: { kubernetesVersion: "v1.35.2" } });
    expect(cluster).not.toMatchObject({ facts });
  });

  test("keys of other projects are none of ours", () => {
    expect(() => parseConfig({ ...embedded, "aws:region": "eu-west-1" }, host)).not.toThrow();
  });
});

describe("Pulumi.yaml", () => {
  const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as {
    config: Record<string, { type: string; description: string; default?: unknown }>;
  };

  test("declares the keys that the program knows, as objects", () => {
    expect(Object.keys(project.config)).toEqual(Object.keys(schemas).map((key) => `quintet:${key}`));
    expect(new Set(Object.values(project.config).map(({ type }) => type))).toEqual(new Set(["object"]));
  });

  test("has the program's defaults", () => {
    for (const [key, schema] of Object.entries(schemas)) {
      const ours = schema.safeParse(undefined);
      expect([key, project.config[`quintet:${key}`]?.default]).toEqual([key, ours.success ? ours.data : undefined]);
    }
  });
});
