/** Keys for SSH, made anew in each run. */
import ssh2 from "ssh2";

const { generateKeyPairSync, parseKey } = ssh2.utils;

/** A key's two halves, each as the text of its file. */
export interface SshKeyPair {
  readonly private: string;
  readonly public: string;
}

/**
 * A key pair of a kind, its private half encrypted when there is a passphrase. ssh2 writes one Ed25519 pair in a hundred
 * in a form that neither it nor ssh-keygen can read, so each is read before it is given out.
 */
export function sshKeyPair(kind: "ed25519" | "ecdsa" | "rsa" = "ed25519", passphrase?: string): SshKeyPair {
  const encryption = passphrase === undefined ? {} : { passphrase, cipher: "aes256-ctr", rounds: 1 };
  for (;;) {
    const pair = made(kind, encryption);
    if (isReadable(pair.private, passphrase) && isReadable(pair.public)) return pair;
  }
}

function made(kind: "ed25519" | "ecdsa" | "rsa", encryption: object): SshKeyPair {
  if (kind === "rsa") return generateKeyPairSync(kind, { bits: 2048, ...encryption });
  if (kind === "ecdsa") return generateKeyPairSync(kind, { bits: 256, ...encryption });
  return generateKeyPairSync(kind, encryption);
}

const isReadable = (text: string, passphrase?: string): boolean =>
  ![parseKey(text, passphrase)].flat().some((key) => key instanceof Error);
