/** Looks at certificates as a client does that trusts one root. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type TLSSocket } from "node:tls";

/** What a Secret of type kubernetes.io/tls holds. */
export interface KeyPair {
  /** The certificate with what has signed it, as PEM. */
  readonly chain: string;
  readonly key: string;
}

/** The content of a Secret that `kubectl get -o json` has shown. */
export function keyPairOf(secret: string): KeyPair {
  const { data } = JSON.parse(secret) as { data: Record<string, string> }; // a Secret's own form
  const text = (name: string) => Buffer.from(data[name] ?? "", "base64").toString();
  return { chain: text("tls.crt"), key: text("tls.key") };
}

/** The certificates of a PEM, the server's own first. */
export function certificatesOf({ chain }: Pick<KeyPair, "chain">): X509Certificate[] {
  return (chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (pem) => new X509Certificate(pem),
  );
}

/** The server's own certificate. */
export function leafOf(pair: Pick<KeyPair, "chain">): X509Certificate {
  const [leaf] = certificatesOf(pair);
  assert.ok(leaf !== undefined, "there is no certificate");
  return leaf;
}

/**
 * Lets a server with this key pair be called by a client that trusts the root alone.
 *
 * @returns the protocol that they agree on
 * @throws with what the client has against the server
 */
export async function handshake({ chain, key }: KeyPair, root: string, name: string): Promise<string | null> {
  const server = createServer({ cert: chain, key, minVersion: "TLSv1.2" }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  let client: TLSSocket | undefined;
  try {
    client = connect({ port, host: "127.0.0.1", servername: name, ca: root });
    await once(client, "secureConnect"); // an error of the handshake rejects
    return client.getProtocol();
  } finally {
    client?.destroy();
    server.close();
  }
}
