import { generateKeyPairSync } from "node:crypto";
import { graphProblems, type Half } from "../../components/connectivity-graph.ts";
import { clusterHalf } from "../../components/cluster/half.ts";
import { istioHalf } from "../../components/istio-plan.ts";
import { jwtHalf, jwtProblems, jwtSchema } from "../../components/jwt-schema.ts";
import { facts, foreignDns } from "../lib/stacks.ts";

// One refused fixture for each rule lies in test/config/invalid; here is what a file cannot show by itself.

const issued = { issuer: "https://login.example", audiences: ["shop"] };
const server = { ...issued, jwksUri: "https://login.example/keys", jwksNetworks: ["192.0.2.0/24"] };
const withKey = (key: object) => jwtSchema.safeParse({ ...issued, jwks: { keys: [key] } });

test.each([
  ["RSA", generateKeyPairSync("rsa", { modulusLength: 2048 })],
  ["P-256", generateKeyPairSync("ec", { namedCurve: "P-256" })],
  ["P-384", generateKeyPairSync("ec", { namedCurve: "P-384" })],
  ["P-521", generateKeyPairSync("ec", { namedCurve: "P-521" })],
  ["Ed25519", generateKeyPairSync("ed25519")],
])("a public key of %s is taken with whatever else it says, and its private half refused", (_name, pair) => {
  const key = { ...pair.publicKey.export({ format: "jwk" }), kid: "one", use: "sig" };
  expect(withKey(key).data?.jwks).toEqual({ keys: [key] });
  expect(withKey(pair.privateKey.export({ format: "jwk" })).error?.issues).toHaveLength(1);
});

test.each(["secp256k1"])("a key on %s is refused", (namedCurve) => {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve });
  expect(withKey(publicKey.export({ format: "jwk" })).success).toBe(false);
});

test("a token stands in Authorization unless it says otherwise, and no path is open", () => {
  expect(jwtSchema.parse(server)).toEqual({
    ...server,
    headers: [{ name: "Authorization", prefix: "Bearer " }],
    openPaths: [],
  });
});

test("paths lie below that of the backend, as whole segments", () => {
  const problems = (path: string, ...openPaths: string[]) =>
    jwtProblems(
      { jwt: jwtSchema.parse({ ...server, openPaths }), path, classic: false },
      { cluster: "k3s", facts },
    ).map(([at]) => at.join("."));
  expect(problems("/", "/healthz", "/")).toEqual([]);
  expect(problems("/api", "/api", "/api/healthz")).toEqual([]);
  expect(problems("/api", "/apis", "/api/healthz", "/")).toEqual([
    "ingress.jwt.openPaths.0",
    "ingress.jwt.openPaths.2",
  ]);
  expect(jwtProblems({ path: "/api", classic: true }, { cluster: "embedded", facts })).toEqual([]);
});

test("where pods have addresses of the outside, so may who has the keys", () => {
  const vpc = { ...facts, nodeRanges: ["10.42.0.0/16"] };
  const jwt = jwtSchema.parse({ ...server, jwksNetworks: ["10.42.9.0/24"] });
  const paths = (known: typeof vpc | typeof facts) =>
    jwtProblems({ jwt, path: "/", classic: false }, { cluster: "eks", facts: known }).map(([at]) => at.join("."));
  expect(paths(facts)).toEqual(["ingress.jwt.jwksNetworks.0"]);
  expect(paths(vpc)).toEqual([]);
  expect(jwtHalf(jwt, vpc).peers?.["jwks-server"]).toMatchObject({ except: [], amongPods: true });
});

test("istiod is let out to the networks of who has the keys, without what in them is the cluster's", () => {
  const half = (more: object): Half => jwtHalf(jwtSchema.parse({ ...server, ...more }), facts);
  expect(half({}).peers).toEqual({
    "jwks-server": { cidrs: ["192.0.2.0/24"], except: [], ports: { https: { port: 443 } }, amongPods: false },
  });
  const wide = half({ jwksUri: "https://login.example:8443/keys", jwksNetworks: ["0.0.0.0/0"] });
  expect(wide.peers?.["jwks-server"]).toMatchObject({
    except: ["10.42.0.0/16", "10.43.0.0/16", "169.254.169.254/32"],
    ports: { https: { port: 8443 } },
  });
  const halves = [clusterHalf(facts), foreignDns, istioHalf({ name: "1-2-3" }, { closed: "every-pod" }), wide];
  expect(graphProblems(facts, halves)).toEqual([]);
});
