/** Who is told and brought things outside of a cluster, on this machine: a mail server, and one that speaks HTTPS. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { run } from "../../embedded/run.ts";

/** A folder with the certificate of a server that nobody knows, and its key; the certificate is its own CA. */
export async function selfSigned(name: string) {
  const folder = mkdtempSync(join(tmpdir(), "quintet-far-ends-"));
  const [key, cert] = [join(folder, "server.key"), join(folder, "server.crt")];
  const how = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
  const what = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  await run("openssl", [...how, ...what, "-keyout", key, "-out", cert]);
  return {
    key: readFileSync(key, "utf8"),
    cert: readFileSync(cert, "utf8"),
    folder,
    /** Writes a file beside them. */
    write: (file: string, content: string) => {
      writeFileSync(join(folder, file), content);
      return join(folder, file);
    },
    [Symbol.dispose]: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One message that a mail server has taken. */
export interface Mail {
  readonly user: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly data: string;
}

/**
 * A mail server that takes what one user sends it.
 *
 * @param port 465 for TLS from the first byte; another one, or 0 for a free one, offers STARTTLS
 */
export async function mailServer(
  identity: { readonly key: string; readonly cert: string },
  login: { readonly user: string; readonly password: string },
  { host = "127.0.0.1", port = 0 } = {},
) {
  const mails: Mail[] = [];
  const refused: string[] = [];
  const server = new SMTPServer({
    ...identity,
    secure: port === 465,
    logger: false,
    disableReverseLookup: true,
    onAuth: ({ username = "", password }, _session, done) => {
      if (username === login.user && password === login.password) {
        done(null, { user: username });
        return;
      }
      refused.push(username);
      done(new Error("this is nobody's password"));
    },
    onData: (stream, { user, secure, envelope }, done) => {
      void text(stream).then((data) => {
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        mails.push({
          user: typeof user === "string" ? user : "",
          secure,
          from,
          to: envelope.rcptTo.map(({ address }) => address),
          data,
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject); // the port is taken
    server.listen(port, host, resolve);
  });
  server.on("error", () => undefined); // of connections that break off
  const { port: own } = server.server.address() as AddressInfo; // it listens on TCP
  return {
    address: `${host}:${String(own)}`,
    mails,
    refused,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(resolve);
      }),
  };
}

/** One request that a server has been sent. */
export interface Call {
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
}

/** A server of HTTPS that keeps what it is sent, and refuses who does not log in as it wants on the paths it names. */
export async function httpsServer(
  identity: { readonly key: string; readonly cert: string },
  wanted: Readonly<Record<string, string>>,
) {
  const [calls, refused]: [Call[], Call[]] = [[], []];
  const server = createServer(identity, (request, response) => {
    void text(request.setEncoding("latin1")).then((body) => {
      const { url: path = "", headers } = request;
      const call = { path, authorization: headers.authorization ?? "", body };
      const welcome = call.authorization === (wanted[path] ?? "");
      (welcome ? calls : refused).push(call);
      response.writeHead(welcome ? 200 : 401).end(welcome ? "ok" : "");
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `https://127.0.0.1:${String(port)}`,
    calls,
    refused,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
