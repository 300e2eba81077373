import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { parseConfig, schemas, secretKeys } from "../config.ts";
import { planPolicies } from "../components/connectivity-policies.ts";
import { proveConnectivity } from "../components/connectivity-prover.ts";
import { fixtures } from "./lib/fixtures.ts";
import { valueOf } from "./lib/record.ts";
import {
  clusterId,
  definitions,
  facts,
  host,
  kubeconfig,
  meshDefinitions,
  noDns,
  root,
  stackConfig,
  stackGraph,
  stacks,
} from "./lib/stacks.ts";

const embedded = { "quintet:environment": "dev", "quintet:cluster": '{"kind":"embedded"}' };
const absent = { ...host, read: () => undefined };

/** The JSON type of what a schema takes. */
function typeOf(schema: z.ZodType): unknown {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return json.type ?? (json.anyOf ?? json.oneOf)?.[0]?.type;
}

describe("refused", () => {
  test.each(fixtures("invalid"))("$name", ({ values, host, refused }) => {
    expect(refused).not.toEqual([]);
    const lines = refused.map((problem) => `  ${problem}`);
    const message = ["The stack's configuration is refused and nothing has been changed:", ...lines].join("\n");
    expect(() => parseConfig(values, host)).toThrow(new Error(message));
  });

  test("an embedded cluster that is not up, with the command that starts it", () => {
    expect(() => parseConfig(embedded, absent)).toThrow(
      "quintet:cluster: there is no kubeconfig at /cache/clusters/quintet/kubeconfig, start the cluster with `npm run cluster -- up`",
    );
    const second = { ...embedded, "quintet:cluster": '{"kind":"embedded","name":"second"}' };
    expect(() => parseConfig(second, absent)).toThrow("`npm run cluster -- up --name second`");
  });

  test("an existing cluster whose kubeconfig is not there", () => {
    const existing = fixtures("valid").find(({ name }) => name === "existing");
    expect(() => parseConfig(existing?.values ?? {}, absent)).toThrow(
      `quintet:cluster: there is no kubeconfig at ${join(root, "kubeconfig")}, set quintet:cluster.kubeconfig to its path`,
    );
  });
});

test("refused without the definitions of kinds, unless nobody makes an object of them", () => {
  const bare = {
    ...host,
    read: (path: string) => (path.endsWith("-crds") ? undefined : kubeconfig()),
  };
  expect(() => parseConfig(embedded, bare)).toThrow(
    /quintet:certificates: there are no definitions of its kinds at \/cache\/tools\/cert-manager-crds\/\w{16}\/cert-manager-crds, run `npm run setup`$/,
  );
  const theirs = { ...embedded, "quintet:certificates": '{"issuer":{"kind":"existing","name":"corporate"}}' };
  expect(() => parseConfig(theirs, bare)).toThrow(
    /quintet:ingress: there are no definitions of its kinds at \/cache\/tools\/gateway-api-crds\/\w{16}\/gateway-api-crds, run `npm run setup`$/,
  );
  const closed = { ...theirs, "quintet:ingress": '{"kind":"none"}' };
  expect(parseConfig(closed, bare).definitions).toEqual({ certManager: [], mesh: [] });
});

describe("accepted", () => {
  test.each(fixtures("valid"))("$name", ({ values, host }) => {
    const config = parseConfig(values, host);
    const graph = stackGraph(config);
    expect(proveConnectivity(graph, planPolicies(graph))).toEqual([]);
  });

  test.each(stacks)("stack %s", (stack) => {
    expect(() => stackConfig(stack)).not.toThrow();
  });

  test("with every default, frozen to the bottom", async () => {
    const { registryCredentials, backupCredentials, ...others } = parseConfig(embedded, host);
    const { grafanaPassword, remoteWriteSecret, alertReceiverSecret, ...config } = others;
    expect(config).toEqual({
      stack: "organization/quintet/test",
      environment: "dev",
      cluster: { kind: "embedded", kubeconfig: kubeconfig(), id: clusterId, facts },
      backend: {
        namespace: "backend",
        replicas: { min: 3, max: 10 },
        resources: { cpu: "100m", memory: "64Mi" },
        qosClass: "Guaranteed",
      },
      network: { defaultDeny: true },
      dns: noDns,
      certificates: { replicas: 2, issuer: { kind: "internal", leafDays: 30 } },
      ingress: {
        kind: "gateway",
        host: "enroll.example",
        aliases: [],
        path: "/api",
        replicas: 2,
        reachableFrom: "internet",
        nodePorts: { http: 30080, https: 30443 },
        trustedProxies: 0,
        limits: { requestsPerSecond: 500, body: "1Mi", headersKiB: 32 },
        classic: false,
      },
      mesh: {
        controlPlane: { replicas: { min: 2, max: 5 } },
        externals: {},
        sidecars: {
          guaranteed: { cpu: "250m", memory: "128Mi" },
          burstable: { requests: { cpu: "50m", memory: "96Mi" }, limits: { cpu: "1", memory: "256Mi" } },
        },
      },
      bookstore: { kind: "none" },
      definitions: { certManager: definitions, mesh: meshDefinitions },
      traffic: {},
      rollouts: {},
      backup: { kind: "none" },
      monitoring: { kind: "none" },
      admission: { kind: "none" },
      logging: { kind: "none" },
      tracing: { kind: "none" },
      tenants: {},
      registries: { requireDigest: false, images: [], mirrors: {}, pullSecrets: {} },
    });
    expect(Object.isFrozen(config.backend) && Object.isFrozen(config.backend.replicas)).toBe(true);
    expect(await valueOf(registryCredentials)).toEqual({});
    expect(await valueOf(backupCredentials)).toBeUndefined();
    expect(await valueOf(grafanaPassword)).toBe("");
    expect(await valueOf(remoteWriteSecret)).toBe("");
    expect(await valueOf(alertReceiverSecret)).toBe("");
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

  test("declares the keys that the program knows, with their types, and which are secret", () => {
    const declared = Object.entries(project.config).map(([key, { type, description }]) => [
      key,
      type,
      description.endsWith("; a secret"), // `secret: true` would make the engine demand a value
    ]);
    const known = Object.entries(schemas).map(([key, schema]) => [
      `quintet:${key}`,
      typeOf(schema),
      secretKeys.some((secret) => secret === key),
    ]);
    expect(declared).toEqual(known);
  });

  test("has the program's defaults", () => {
    for (const [key, schema] of Object.entries(schemas)) {
      const ours = schema.safeParse(undefined);
      expect([key, project.config[`quintet:${key}`]?.default]).toEqual([key, ours.success ? ours.data : undefined]);
    }
  });
});
