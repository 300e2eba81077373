/** What can be wrong with the keys and secrets of SSH and k3s, in sentences that never quote them. */
import ssh2, { type ParsedKey } from "ssh2";

const { parseKey } = ssh2.utils;

/** The first part of a private key's file, in any of its forms. */
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----|^PuTTY-User-Key-File/;

/**
 * Why an SSH private key cannot be used, as the rest of a sentence that starts with its configuration key; `undefined`
 * when it can.
 *
 * @param key the text of the key's file; empty when there is none
 * @param passphrase empty when there is none
 */
export function sshKeyProblem(key: string, passphrase: string): string | undefined {
  if (key.trim() === "")
    return "is missing, and the nodes are reached with it: set it with `npm run secret -- sshPrivateKey`";
  const parsed = parsedKey(key, passphrase);
  if (parsed instanceof Error) {
    if (/encrypted/i.test(parsed.message) && /no passphrase/i.test(parsed.message)) {
      return "is encrypted, and quintet:sshPassphrase is missing: set it with `npm run secret -- sshPassphrase`";
    }
    if (passphrase !== "" && privateKey.test(key))
      return "cannot be read: it is damaged, or quintet:sshPassphrase is not its passphrase";
    return "is not an SSH private key, or a damaged one: give the whole file, from -----BEGIN to -----END";
  }
  if (!parsed.isPrivateKey()) return "is a public key: give the private key of the pair, whose file has no .pub";
  return undefined;
}

function parsedKey(key: string, passphrase: string): ParsedKey | Error {
  const parsed = passphrase === "" ? parseKey(key) : parseKey(key, passphrase);
  // A file of OpenSSH may hold several keys, and gives a list then, which the types do not say.
  const all: (ParsedKey | Error)[] = [parsed].flat();
  return all[0] ?? new Error("There is no key in it.");
}

/** Why a text is not the public key of an SSH server; `undefined` when it is. */
export function hostKeyProblem(text: string): string | undefined {
  const form = "must be the one line of the SSH server's public key, like ssh-ed25519 AAAAC3…";
  if (text.startsWith("ssh-rsa ")) {
    return "is an RSA key, with which the engine's SSH client only takes SHA-1 signatures: give the server's Ed25519 or ECDSA key";
  }
  if (!/^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,2}( [^\r\n]*)?$/.test(text)) return form;
  const parsed = parseKey(text);
  if (parsed instanceof Error || parsed.isPrivateKey()) return `${form}, and this one is damaged`;
  return undefined;
}

/** The fewest characters of a token, and the fewest different ones among them: half of what 32 random hex digits have. */
const [tokenLength, tokenVariety] = [32, 8];

/** Why a token is not one that joins nodes; `undefined` when it is. It never quotes the token. */
export function tokenProblem(token: string): string | undefined {
  if (token === "") return "is missing, and nodes join with it: set it with `npm run secret -- k3sToken`";
  if (token.length < tokenLength) {
    return `has ${String(token.length)} characters, which is too easy to guess: take at least ${String(tokenLength)}, as from \`openssl rand -hex 32\``;
  }
  if (new Set(token).size < tokenVariety || /^(.{1,16}?)\1+.{0,15}$/.test(token)) {
    return "repeats itself, which is too easy to guess: take one as from `openssl rand -hex 32`";
  }
  if (!/^[A-Za-z0-9_.~+/=-]+$/.test(token)) {
    return "may have letters, digits and . _ ~ + / = - only, since it stands in files and headers: take one as from `openssl rand -hex 32`";
  }
  if (/^K10[0-9a-f]{64}::/.test(token))
    return "is a full token with the hash of a certificate: give the part behind the last colon";
  return undefined;
}
