/** Tells credentials by their shape, and by the names under which people write them down. */

/** Credentials whose shape says what they are, each with the word for it. */
const shapes: readonly (readonly [shape: RegExp, what: string])[] = [
  [/-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/, "a private key"],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, "an access key of AWS"],
  [/\bgh[pousr]_[0-9A-Za-z]{36,}\b|\bgithub_pat_[0-9A-Za-z_]{50,}/, "a token of GitHub"],
  [/\bglpat-[0-9A-Za-z_-]{20,}/, "a token of GitLab"],
  [/\bxox[abeoprs]-[0-9A-Za-z-]{10,}/, "a token of Slack"],
  [/\bhooks\.slack\.com\/services\/T[0-9A-Z]+\/B[0-9A-Z]+\/\w+/, "a webhook of Slack"],
  [/\bAIza[0-9A-Za-z_-]{35}/, "an API key of Google"],
  [/\b[sr]k_live_[0-9A-Za-z]{20,}/, "a key of Stripe"],
  [/\bnpm_[0-9A-Za-z]{36}\b/, "a token of npm"],
  [/\beyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}/, "a signed token (JWT)"],
  [/\bbearer [0-9A-Za-z._~+/-]{8,}/i, "a token for an Authorization header"],
  // A user and a password in a URL, unless another variable or a template stands for it.
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s:/?#@"'<>]*:(?![$%{<*])[^\s:/?#@"'<>]+@[^\s/]/i, "a URL with a password"],
];

/** What credential a text holds by its shape; `undefined` when none is seen. */
export const shapeIn = (text: string): string | undefined => shapes.find(([shape]) => shape.test(text))?.[1];

/** Words that make a name one of a credential, wherever they stand in it. */
const telling = new Set("passphrase pwd secret token credential credentials jwt bearer".split(" "));

/** What a word ends with that does so as well: people leave out what is between the words. */
const ending = /(password|passwd|apikey|secretkey|accesskey)$/;

/** Words that do so before `key`: others, as in PARTITION_KEY, say what is looked up. */
const keys: ReadonlySet<string | undefined> = new Set(
  "api access secret private encryption signing master account storage auth license ssh hmac aes crypto session app client batch cli".split(
    " ",
  ),
);

/** Words at the end that make it a name of something about a credential, and not of itself. */
const about: ReadonlySet<string | undefined> = new Set(
  (
    "file files path paths dir directory mount folder url uri urls endpoint host port server service address name names id ids ref arn " +
    "ttl timeout expiry expiration expires expire lifetime duration seconds minutes hours days age interval rotation refresh " +
    "length size min max count limit limits policy policies enabled enable disabled required optional allowed type kind mode format " +
    "algorithm alg issuer audience header headers cookie provider namespace manager store backend version region bucket prefix suffix " +
    "field claim claims scope scopes validation review reset class engine driver encoding strategy cache template rules pattern regex " +
    "json yaml yml toml conf cfg ini txt sh py js pem crt cert html md properties env tmpl tpl xml"
  ).split(" "),
);

/** Words at the end that say no more than that it is there. */
const holding: ReadonlySet<string | undefined> = new Set("content value data raw base text string plain".split(" "));

/** The words of a name: `DB_PASSWORD`, `db.password2` and `dbPassword` have the same two. */
const wordsOf = (name: string): string[] =>
  [
    ...name
      .replace(/([a-z])([A-Z])/g, "$1_$2")
      .toLowerCase()
      .matchAll(/[a-z]+/g),
  ].map(([word]) => word);

/** Whether a name is one under which people write down a credential. */
export function isSecretName(name: string): boolean {
  const all = wordsOf(name);
  const words = holding.has(all.at(-1)) ? all.slice(0, -1) : all;
  const last = words.at(-1);
  // The shell keeps its working directory there.
  if (about.has(last) || /^(OLD)?PWD$/.test(name)) return false;
  if (words.some((word) => telling.has(word) || ending.test(word))) {
    // A secret's key in a map is not the secret: it is where `public` says so.
    return last !== "public" && !(last === "key" && words.includes("public"));
  }
  return last === "key" && (words.length === 1 || keys.has(words.at(-2)));
}

/** Whether a value says nothing secret: nothing at all, a switch, a path, or where else it is to be found. */
export const isHarmless = (value: string): boolean =>
  /^\s*$/.test(value) ||
  /^(true|false|yes|no|on|off|none|null|enabled|disabled|required|optional)$/i.test(value) ||
  /^\/\S*$/.test(value) ||
  /^(file|https?):\/\/\S+$/.test(value) ||
  // Another variable, a template, or a reference that something else resolves.
  /^(\$\([^)]+\)|\$\{[^}]+\}|\$\w+|\{\{.*\}\}|<[^>]+>|%\w+%)$/.test(value.trim()) ||
  /^(vault|ref|secretref|awssm|awsps|gcpsm|azurekv|op|sops):/i.test(value) ||
  /^\*+$/.test(value);

/** Whether a value is a number, which a token is not and a password may be. */
export const isNumber = (value: string): boolean => /^\d+(\.\d+)?[a-z]?$/.test(value);
