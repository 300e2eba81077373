import { disallowPlainSecrets } from "../../../policies/access/disallow-plain-secrets.ts";
import { unknown } from "../../lib/unknown.ts";
import { listOf, manifest } from "../manifests.ts";
import { app, deployment, formsOf, pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowPlainSecrets], objects);
const variable = (name: string, value?: unknown) =>
  deployment(
    app({
      env: [
        { name: "MODE", value: "fast" },
        { name, value },
      ],
    }),
  );
const configMap = (data: unknown) => manifest("v1", "ConfigMap", { data });

/** Credentials of no one, put together so that this file is none. */
const fake = {
  key: ["-----BEGIN RSA", "PRIVATE KEY-----\nMIIE"].join(" "),
  aws: ["AKIA", "ABCDEFGH", "ABCDEFGH"].join(""),
  github: `ghp_${"a1".repeat(18)}`,
  slack: ["xoxb", "1234567890", "abc"].join("-"),
  jwt: ["eyJhbGciOiJI", "eyJzdWIiOiIx", "c2lnbmF0dXJl"].join("."),
  bearer: ["Bearer", "abc123def456"].join(" "),
  url: ["postgres://web", "hunter2@db", "5432/web"].join(":"),
};

test.each([
  ["DB_PASSWORD", ""],
  ["DB_PASSWORD", "$(FROM_ELSEWHERE)"],
  ["DB_PASSWORD", "${FROM_ELSEWHERE}"],
  ["PASSWORD_FILE", "secrets/password"],
  ["DB_PASSWORD", "/run/secrets/password"],
  ["TOKEN_URL", "https://id.example/token"],
  ["TOKEN_TTL", "3600s"],
  ["MAX_TOKENS", "4096"],
  ["TOKEN_LIMIT", "abc"],
  ["SECRET_NAME", "web"],
  ["SECRET_KEY_REF", "web"],
  ["REQUIRE_PASSWORD", "true"],
  ["CSRF_TOKEN_HEADER", "x-csrf"],
  ["PARTITION_KEY", "customer"],
  ["TOPOLOGY_KEY", "kubernetes.io/hostname"],
  ["PUBLIC_KEY", "ssh-ed25519 AAAA"],
  ["JWT_ISSUER", "https://id.example"],
  ["API_TOKEN", "12345"],
  ["PWD", "app"],
  ["KEYCLOAK_HOST", "id"],
  ["TOKENIZER", "bpe"],
  ["MONKEY", "see"],
  ["DATABASE", "postgres://db:5432/web"],
  ["DATABASE", "postgres://web:$(DB_PASSWORD)@db:5432/web"],
  ["VAULT_TOKEN", "vault:secret/data/web#token"],
  ["IMAGE", "registry.example:5000/web@sha256:abc"],
])("accepts %s=%s", (name, value) => {
  expect(said(variable(name, value))).toEqual([]);
});

test.each([
  "PASSWORD",
  "DB_PASSWORD",
  "dbPassword",
  "MYSQL_ROOT_PASSWORD",
  "DB_PASSWORD_PROD",
  "PGPASSWORD",
  "API_TOKEN",
  "GITHUB_TOKEN",
  "CLIENT_SECRET",
  "DJANGO_SECRET_KEY",
  "AWS_SECRET_ACCESS_KEY",
  "STRIPE_API_KEY",
  "KEY",
  "ENCRYPTION_KEY",
  "AZURE_STORAGE_ACCOUNT_KEY",
  "DB_PASS_PHRASE_PWD",
  "JWT_SECRET",
  "OCI_CLI_KEY_CONTENT",
  "API_KEY_BASE64",
  "app.credentials",
])("refuses a literal %s, and does not show it", (name) => {
  expect(said(variable(name, "hunter2"))).toEqual([
    `Deployment shop/web: container "app" has what its name says is a credential in its variable ${name}. Put it into a Secret, and name that in valueFrom.secretKeyRef in the place of spec.template.spec.containers[0].env[1].value.`,
  ]);
});

test("a password may be a number", () => {
  expect(said(variable("DB_PASSWORD", "123456"))).toHaveLength(1);
  expect(said(variable("DB_PASSWORD", 123456))).toHaveLength(1);
});

test.each(Object.entries(fake))("refuses %s under any name, in variables, arguments and ConfigMaps", (_, value) => {
  for (const object of [
    variable("SETTING", value),
    deployment(app({ args: ["--x", value] })),
    deployment(app({ command: [value] })),
    configMap({ setting: `a ${value}` }),
  ]) {
    const [message = ""] = said(object);
    expect(message).toMatch(/has (a|an) |holds (a|an) /);
    expect(message).not.toContain(value.slice(-8));
  }
});

test.each(
  formsOf(
    pod({
      containers: [],
      initContainers: [{ name: "a", env: [{ name: "PASSWORD", value: "x" }] }],
      ephemeralContainers: [{ name: "b", env: [{ name: "TOKEN", value: "x" }] }],
    }),
  ),
)("sees every container of a %s", (kind, object) => {
  expect(said(object)).toEqual([
    expect.stringContaining(`${kind} shop/web: container "a" has`),
    expect.stringContaining('container "b" has'),
  ]);
});

test("accepts what comes from elsewhere, and the same in a Secret", () => {
  const valueFrom = { secretKeyRef: { name: "web", key: "password" } };
  expect(
    said(deployment(app({ env: [{ name: "PASSWORD", valueFrom }], envFrom: [{ secretRef: { name: "web" } }] }))),
  ).toEqual([]);
  expect(said(manifest("v1", "Secret", { stringData: { password: "hunter2" } }))).toEqual([]);
  const encrypted = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "x" };
  expect(said(manifest("v1", "Secret", { stringData: encrypted }))).toEqual([]);
  expect(said(manifest("v1", "Secret", { stringData: { password: unknown } }))).toEqual([]);
});

test.each([
  ["args", { args: ["serve", "--token", fake.jwt] }, 2],
  ["command", { command: ["sh", fake.jwt] }, 1],
])("says where it stands in %s, and what to write instead", (key, own, place) => {
  expect(said(deployment(app(own)))).toEqual([
    `Deployment shop/web: container "app" has a signed token (JWT) in its ${key}. Put it into a Secret, and pass $(NAME) of a variable from there in spec.template.spec.containers[0].${key}[${String(place)}].`,
  ]);
});

test("sees a credential in a variable that has no name", () => {
  expect(said(deployment(app({ env: [{ value: fake.jwt }] })))).toEqual([
    expect.stringContaining('container "app" has a signed token (JWT) in its variable . Put'),
  ]);
});

test("a line that ends is no file of several lines", () => {
  expect(said(variable("TOKEN", "hunter2\n"))).toHaveLength(1);
  expect(said(variable("TOKEN", "hunter2\nhunter3"))).toEqual([]);
});

test("a number is a token of nobody, under whatever name, but not a password", () => {
  expect(said(variable("TOKEN", "123456"))).toEqual([]);
  expect(said(variable("ROOT_PWD", "123456"))).toHaveLength(1);
});

test("judges ConfigMaps by their keys", () => {
  expect(
    said(listOf(configMap({ "db.password": "hunter2", "token.sh": "echo", "web.yaml": "a: 1", mode: "fast" }))),
  ).toEqual([
    'ConfigMap shop/web: it holds what its name says is a credential under the key db.password. Move items[0].data["db.password"] to a Secret.',
  ]);
  expect(said(configMap({ secret: "line one\nline two" }))).toEqual([]);
  for (const data of [undefined, null, "password", { password: null }, { password: { a: "hunter2" } }]) {
    expect(said(configMap(data))).toEqual([]);
  }
  expect(said(manifest("example.com/v1", "ConfigMap", { data: { password: "hunter2" } }))).toEqual([]);
});

test("is undecided of a value that is not known, and judges the others", () => {
  const env = [
    { name: "PASSWORD", value: unknown },
    { name: "TOKEN", value: "x" },
  ];
  expect(said(deployment(app({ env })))).toEqual([
    expect.stringContaining("env[0].value is not known"),
    expect.stringContaining("variable TOKEN"),
  ]);
});
