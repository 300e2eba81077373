import { isHarmless, isNumber, isSecretName, shapeIn } from "../../../../policies/lib/access/secret-shapes.ts";

/** The line that begins a private key, put together so that this file holds none. */
const begin = (what: string) => `-----${["BEGIN", what].join(" ")}-----`;
const chars = (count: number) => "a1B2".repeat(count).slice(0, count);
const webhook = (path: string) => `https://${["hooks", "slack", "com"].join(".")}/services/${path}`;
const jwt = (head: number, body: number, sign: number) =>
  [`eyJ${chars(head)}`, `eyJ${chars(body)}`, chars(sign)].join(".");

test.each([
  ["a private key", begin("PRIVATE KEY"), begin("PUBLIC KEY")],
  ["a private key", begin("RSA PRIVATE KEY"), begin("RSA PUBLIC KEY")],
  ["a private key", begin("PGP PRIVATE KEY BLOCK"), begin("PGP MESSAGE")],
  ["an access key of AWS", `AKIA${"A1".repeat(8)}`, `AKIA${"A1".repeat(7)}A`],
  ["an access key of AWS", `ASIA${"A1".repeat(8)}`, `ASIA${"a1".repeat(8)}`],
  ["a token of GitHub", `gho_${chars(36)}`, `gho_${chars(35)}`],
  ["a token of GitHub", `ghs_${chars(40)}`, `ghx_${chars(40)}`],
  ["a token of GitHub", `github_pat_${chars(22)}_${chars(27)}`, `github_pat_${chars(49)}`],
  ["a token of GitLab", `glpat-${chars(18)}_-`, `glpat-${chars(19)}`],
  ["a token of Slack", `xoxp-${chars(5)}-${chars(4)}`, `xoxp-${chars(9)}`],
  ["a webhook of Slack", webhook(`T01AB/B02CD/${chars(8)}`), webhook("T01AB/C02CD/x")],
  ["an API key of Google", `AIza${chars(33)}_-`, `AIza${chars(34)}`],
  ["a key of Stripe", `sk_live_${chars(20)}`, `sk_live_${chars(19)}`],
  ["a key of Stripe", `rk_live_${chars(24)}`, `pk_live_${chars(24)}`],
  ["a token of npm", `npm_${chars(36)}`, `npm_${chars(35)}`],
  ["a signed token (JWT)", jwt(8, 8, 8), jwt(7, 8, 8)],
  ["a signed token (JWT)", jwt(20, 30, 40), jwt(8, 7, 8)],
  ["a signed token (JWT)", jwt(8, 8, 20), jwt(8, 8, 7)],
  ["a token for an Authorization header", `authorization: BEARER ${chars(8)}`, `Bearer ${chars(7)}`],
  ["a URL with a password", "postgres://web:a@db", "postgres://web@db"],
  ["a URL with a password", "amqp+ssl://:hunter2@mq:5671/x", "amqp+ssl://mq:5671/x@y"],
  ["a URL with a password", "see REDIS://u:p@r now", "see redis://u:<password>@r now"],
  ["a URL with a password", "http://a:b@c", "http://a:{{ .password }}@c"],
  ["a URL with a password", "http://a:b@c", "http://a:%PASSWORD%@c"],
  ["a URL with a password", "http://a:b@c", "http://a:***@c"],
])("%s is told by its shape, and not one that is just none", (what, held, none) => {
  expect(shapeIn(held)).toBe(what);
  expect(shapeIn(`text before ${held}`)).toBe(what);
  expect(shapeIn(none)).toBeUndefined();
});

test("a webhook needs all of its parts", () => {
  for (const path of ["T01AB", "T01AB/B02CD", "T/B02CD/x", "T01AB/B/x", "T01AB/B02CD/"]) {
    expect(shapeIn(webhook(path))).toBeUndefined();
  }
});

const named = (names: string) => names.split(" ");

describe("a name is one of a credential", () => {
  test.each(
    named(
      "PASSPHRASE DB_PWD CLIENT_SECRET API_TOKEN AWS_CREDENTIAL credentials JWT BEARER PASSWORD db_passwd " +
        "DATABASEPASSWORD mysqlpasswd APIKEY SECRETKEY awsaccesskey",
    ),
  )("that says so itself: %s", (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  test.each(
    named(
      "api access secret private encryption signing master account storage auth license ssh hmac aes crypto session app " +
        "client batch cli",
    ),
  )("where a key is one of its kind: %s", (kind) => {
    expect(isSecretName(`${kind}_key`)).toBe(true);
    expect(isSecretName(`${kind}_monkey`)).toBe(kind === "secret");
    expect(isSecretName(kind)).toBe(kind === "secret");
  });

  test.each(named("content value data raw base64 text string plain"))("whatever form it has: %s", (form) => {
    expect(isSecretName(`API_KEY_${form}`)).toBe(true);
    expect(isSecretName(`token-url-${form}`)).toBe(false);
  });

  test.each(
    named("dbPassword db.password DB--PASSWORD _password password2 password_2 PASSWORD_ 2ndPassword oauth2Token"),
  )("however its words are parted: %s", (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  test("where the public part of its name is not what it is", () => {
    expect(isSecretName("PUBLIC_TOKEN")).toBe(true);
    expect(isSecretName("PUBLIC_KEY_PASSPHRASE")).toBe(true);
    expect(isSecretName("PWD_ADMIN")).toBe(true);
    expect(isSecretName("DB_PWD")).toBe(true);
  });
});

describe("a name is none of a credential", () => {
  test.each([
    ["where one is kept", "file path dir directory mount folder manager store backend bucket cache"],
    ["where to ask for one", "url uri endpoint host port server service address provider namespace region"],
    ["what it is called", "name names id ids ref arn prefix suffix header headers cookie field version"],
    ["how long it holds", "ttl timeout expiry expiration expires lifetime duration seconds days age rotation refresh"],
    [
      "how it has to be",
      "length size min max count limit policy enabled disabled required optional allowed regex rules",
    ],
    ["of what kind it is", "type kind mode format algorithm alg issuer audience encoding strategy engine driver class"],
    ["what is done with it", "claim claims scope scopes validation review reset template pattern"],
    ["what file it is in", "json yaml conf ini txt sh py pem crt cert html env tmpl xml"],
  ])("that says %s", (_, ends) => {
    for (const end of named(ends)) {
      expect([end, isSecretName(`TOKEN_${end.toUpperCase()}`)]).toEqual([end, false]);
      expect([end, isSecretName(`${end}_token`)]).toEqual([end, true]);
    }
  });

  test.each([
    ["a key that may be known", "JWT_PUBLIC_KEY"],
    ["a key that may be known, by its pair", "token.public"],
    ["a key of no kind that is secret", "PARTITION_KEY"],
    ["the shell's own", "PWD"],
    ["the shell's own, of before", "OLDPWD"],
    ["a word that only begins like one", "PASSWORDLESS"],
    ["a word that only begins like one", "TOKENIZER"],
    ["a word that only begins like one", "APIKEYS"],
    ["no word at all", "1234"],
    ["nothing", ""],
  ])("that is %s: %s", (_, name) => {
    expect(isSecretName(name)).toBe(false);
  });
});

describe("a value says nothing secret", () => {
  test.each([
    ["nothing", ["", "  "], ["x", " x "]],
    [
      "a switch",
      named("true False YES no on off none null enabled disabled required optional"),
      ["trueish", "horizon"],
    ],
    ["a path", ["/", "/run/secrets/token"], ["run/secret", "/run it", "ab/cd=="]],
    [
      "a place to read it from",
      ["http://id/t", "https://id.example/t", "file:///run/t"],
      ["see http://id", "http://i d"],
    ],
    ["a place without a name", [], ["http://", "ftp://id/t"]],
    ["another variable", ["$(TOKEN)", "${TOKEN}", "$TOKEN", "%TOKEN%"], ["$(TOKEN)x", "x${TOKEN}", "$()", "${}", "%%"]],
    ["another variable, by its name alone", [" $(A) ", "$A"], ["$", "$A-b", "%A-b%"]],
    ["a template", ["{{ .Values.token }}", "<from the vault>"], ["{{ x }} y", "y <x>", "<>"]],
    ["a reference", ["vault:secret/web", "OP://vault/item", "sops:x"], ["myop:x", "vault"]],
    ["a mask", ["*", "*****"], ["*x", "x*"]],
  ])("that is %s", (_, harmless, others) => {
    for (const value of harmless) expect([value, isHarmless(value)]).toEqual([value, true]);
    for (const value of others) expect([value, isHarmless(value)]).toEqual([value, false]);
  });
});

test.each([
  ["0", true],
  ["4096", true],
  ["0.25", true],
  ["12.5", true],
  ["30s", true],
  ["1.5h", true],
  ["1.", false],
  ["1.x", false],
  ["30ms", false],
  ["30-", false],
  ["12345abc", false],
  ["a1", false],
  ["", false],
])("%j is a number: %s", (value, number) => {
  expect(isNumber(value)).toBe(number);
});
