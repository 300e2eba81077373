/** Clients that look at one thing of the ingress each, where `ask` is too well-behaved. */
import { get } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect, type ConnectionOptions, type SecureVersion } from "node:tls";
import { type Place, standsFor } from "../../scripts/ask.ts";

/** Asks over plain HTTP under the name of a host. */
export function fetchAs(host: string, url: string): Promise<{ readonly status: number; readonly location?: string }> {
  return new Promise((resolve, reject) => {
    const call = get(url, { headers: { host }, agent: false, timeout: 5_000 }, (response) => {
      response.resume();
      const { location } = response.headers;
      resolve({ status: response.statusCode ?? 0, ...(location === undefined ? {} : { location }) });
    });
    call.on("timeout", () => call.destroy(new Error(`no answer of ${url}`)));
    call.on("error", reject);
  });
}

/**
 * Shakes hands in one version of TLS, and returns it.
 *
 * @throws with what the server says when it does not want to
 */
export function protocolOf(to: ConnectionOptions, version: SecureVersion): Promise<string | null> {
  return new Promise((resolve, reject) => {
    // Without the lowest security level OpenSSL itself would not offer the old versions.
    const options = { ...to, minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0", timeout: 5_000 };
    const socket = connect(options, () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.on("timeout", () => socket.destroy(new Error("no handshake")));
    socket.on("error", reject);
  });
}

/** Sends many requests over one HTTP/2 connection, and returns the statuses of the answers. */
export async function atOnce(url: string, { address, ca }: Place, count: number): Promise<number[]> {
  const { origin, pathname } = new URL(url);
  const session = connectHttp2(origin, { ca, lookup: standsFor(address) });
  try {
    return await Promise.all(
      Array.from(
        { length: count },
        () =>
          new Promise<number>((resolve, reject) => {
            const stream = session.request({ ":path": pathname });
            stream.on("response", (headers) => {
              resolve(headers[":status"] ?? 0);
            });
            stream.on("error", reject);
            stream.resume();
          }),
      ),
    );
  } finally {
    session.close();
  }
}
