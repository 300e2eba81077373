import { generateKeyPairSync } from "node:crypto";
import { sshKeyPair } from "../../../lib/ssh-keys.ts";
import { hostKeyProblem, sshKeyProblem, tokenProblem } from "../../../../components/cluster/k3s/secrets.ts";

const passphrase = "correct horse battery";
const plain = sshKeyPair("ed25519");
const encrypted = sshKeyPair("ed25519", passphrase);
const rsa = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

describe("an SSH key", () => {
  test.each([
    ["of OpenSSH", plain.private, ""],
    ["that is encrypted, with its passphrase", encrypted.private, passphrase],
    ["of ECDSA", sshKeyPair("ecdsa").private, ""],
    ["of RSA in PEM", rsa.privateKey, ""],
    ["with a passphrase that it does not need", plain.private, passphrase],
  ])("%s is taken", (_, key, passphrase) => {
    expect(sshKeyProblem(key, passphrase)).toBeUndefined();
  });

  test.each([
    ["that is missing", "", "", /^is missing/],
    ["of white space", " \n", "", /^is missing/],
    [
      "that is encrypted, without a passphrase",
      encrypted.private,
      "",
      /^is encrypted, and quintet:sshPassphrase is missing/,
    ],
    ["that is encrypted, with another passphrase", encrypted.private, "wrong", /^cannot be read/],
    ["that is a public key", plain.public, "", /^is a public key/],
    ["that is cut off", plain.private.slice(0, 120), "", /^is not an SSH private key, or a damaged one/],
    ["that is something else", "hunter2", "", /^is not an SSH private key/],
  ])("%s is refused, and not quoted", (_, key, passphrase, problem) => {
    const said = sshKeyProblem(key, passphrase);
    expect(said).toMatch(problem);
    for (const line of [...key.split("\n"), passphrase].filter(
      (text) => text.trim().length > 5 && !text.startsWith("-----"),
    )) {
      expect(said).not.toContain(line);
    }
  });
});

describe("a host key", () => {
  test.each([
    ["Ed25519", plain.public],
    ["ECDSA", sshKeyPair("ecdsa").public],
    ["Ed25519, with a comment", `${plain.public} root@qke-master`],
  ])("of type %s is taken", (_, key) => {
    expect(hostKeyProblem(key)).toBeUndefined();
  });

  test.each([
    ["an empty one", ""],
    ["a fingerprint", "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"],
    ["a line of known_hosts", `qke-master ${plain.public}`],
    ["a private key", plain.private],
    ["two lines", `${plain.public}\n${plain.public}`],
    ["one that is cut off", plain.public.slice(0, 40)],
    ["one of a type that nobody should use", plain.public.replace("ssh-ed25519", "ssh-dss")],
  ])("%s is refused", (_, key) => {
    expect(hostKeyProblem(key)).toMatch(/^must be the one line/);
  });

  test("of RSA is refused, since no SSH server signs with it as the engine wants", () => {
    expect(hostKeyProblem(sshKeyPair("rsa").public)).toMatch(/^is an RSA key/);
  });
});

describe("a token", () => {
  test.each([
    ["of random hex digits", "0f3c9a1b7d5e2846a0c1f7b39d4e8625"],
    ["of random base64", "q9Zt/7Fh3+LkWm0xVb2cYs5RdUe8oJgA="],
  ])("%s is taken", (_, token) => {
    expect(tokenProblem(token)).toBeUndefined();
  });

  test.each([
    ["that is missing", "", /^is missing/],
    ["of 31 characters", "0f3c9a1b7d5e2846a0c1f7b39d4e862", /^has 31 characters/],
    ["that repeats itself", "abcabcabcabcabcabcabcabcabcabcabcabc", /^repeats itself/],
    ["with a quotation mark", `"0f3c9a1b7d5e2846a0c1f7b39d4e8625`, /^may have letters, digits/],
    ["of two lines", "0f3c9a1b7d5e2846a0c1f7b39d4e8625\n0f3c", /^may have letters, digits/],
    [
      "in its full form",
      `K10${"0f3c9a1b7d5e2846".repeat(4)}::server:0f3c9a1b7d5e2846`,
      /^may have letters, digits|^is a full token/,
    ],
  ])("%s is refused, and not quoted", (_, token, problem) => {
    const said = tokenProblem(token);
    expect(said).toMatch(problem);
    if (token !== "") expect(said).not.toContain(token);
  });
});
