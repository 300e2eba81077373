/** Asks an API server what it would do with an object. */
import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { parse } from "yaml";

/** What the API server says of an object. */
export interface Answer {
  readonly status: number;
  readonly message: string;
  readonly warnings: readonly string[];
}

/** Sends objects of which nothing but the answer comes, several at once over connections that stay. */
export function askOf(kubeconfig: string, atOnce: number): (path: string, object: object) => Promise<Answer> {
  const { clusters, users } = parse(readFileSync(kubeconfig, "utf8")) as {
    clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
    users: { user: { token: string } }[];
  }; // as scratch.ts writes it
  const [server, token] = [clusters[0]?.cluster, users[0]?.user.token ?? ""];
  const ca = Buffer.from(server?.["certificate-authority-data"] ?? "", "base64");
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce, ca });
  return (path, object) =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const url = `${server?.server ?? ""}${path}?dryRun=All`;
      const call = request(url, { method: "POST", agent, headers, timeout: 30_000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const { message = "" } = JSON.parse(Buffer.concat(chunks).toString()) as { message?: string }; // a Status
          const raw = response.headers["warning"];
          // One after the other, each as 299 - "text" (RFC 7234).
          const warnings = [...(raw ?? "").matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) =>
            text.replace(/\\(.)/g, "$1"),
          );
          resolve({ status: response.statusCode ?? 0, message, warnings });
        });
      });
      call.on("timeout", () => call.destroy(new Error(`The API server did not answer ${path} in 30 s.`)));
      call.on("error", reject);
      call.end(JSON.stringify(object));
    });
}
