/** One request over HTTPS by a name that no resolver has to know, with the certificate verified. */
import { request } from "node:https";
import type { LookupFunction } from "node:net";
import { gatewayNamespace } from "../components/gateway-plan.ts";
import { certificateName } from "../components/ingress-plan.ts";
import { kubectl } from "../embedded/kubectl.ts";
import type { ClusterState } from "../embedded/state.ts";

/** Where a name is to be found, and by which authority it is vouched for. */
export interface Place {
  /** The IPv4 address that the name stands for. */
  readonly address: string;
  /** The certificate of the authority in PEM form. */
  readonly ca: string;
}

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What may be set for {@link ask}. */
export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Milliseconds until it is given up. @default 5000 */
  readonly deadline?: number;
}

/** Lets a name stand for one address, whatever a resolver says. */
export const standsFor =
  (address: string): LookupFunction =>
  (_name, options, done) => {
    if (options.all === true) done(null, [{ address, family: 4 }]);
    else done(null, address, 4);
  };

/**
 * Asks, over a connection of its own.
 *
 * @throws when nothing answers in time, or somebody whose certificate does not prove the name
 */
export function ask(url: string, { address, ca }: Place, options: AskOptions = {}): Promise<Reply> {
  const { method = "GET", headers = {}, body, deadline = 5_000 } = options;
  return new Promise((resolve, reject) => {
    const { hostname: servername } = new URL(url); // whatever a header says
    const lookup = standsFor(address);
    const call = request(url, { method, headers, ca, servername, lookup, agent: false, timeout: deadline });
    call.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode = 0, headers: answered } = response;
        resolve({ status: statusCode, headers: answered, body: Buffer.concat(chunks).toString() });
      });
    });
    call.on("timeout", () => call.destroy(new Error(`no answer of ${url} in ${String(deadline)} ms`)));
    call.on("error", reject);
    call.end(body);
  });
}

/** The certificate of the authority that vouches for an embedded cluster's public names, in PEM form. */
export async function publicCa(state: ClusterState): Promise<string> {
  const path = "jsonpath={.data.ca\\.crt}";
  const encoded = await kubectl(state, ["get", "secret", certificateName, "-n", gatewayNamespace, "-o", path]);
  return Buffer.from(encoded, "base64").toString();
}
