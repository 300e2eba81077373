/** A Kubernetes API for programs that read a lot of it, in whatever way its kubeconfig logs in. */
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { until } from "../embedded/run.ts";
import { toolPath } from "../toolchain/index.ts";

/** An answer that is none of success. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const startDeadline = 30_000;
const answerDeadline = 60_000;

/** It ends with this process, however that ends. */
const startProxy = (kubeconfig: string, socket: string) =>
  execa(toolPath("kubectl"), ["--kubeconfig", kubeconfig, "proxy", "--unix-socket", socket], {
    reject: false,
    stdin: "ignore",
  });

/**
 * The API behind a kubeconfig, through `kubectl proxy`, which knows every way to log in. It listens on a socket in a folder
 * of this user alone: whoever reaches it has the kubeconfig's rights.
 */
export class Api implements Disposable {
  private readonly folder: string;
  private readonly socket: string;
  private readonly proxy: ReturnType<typeof startProxy>;

  private constructor(kubeconfig: string) {
    this.folder = mkdtempSync(join(tmpdir(), "quintet-api-")); // 0700
    this.socket = join(this.folder, "api.sock");
    this.proxy = startProxy(kubeconfig, this.socket);
  }

  /** @throws when nothing answers */
  static async open(kubeconfig: string): Promise<Api> {
    const api = new Api(kubeconfig);
    try {
      await until("kubectl proxy to listen", startDeadline, () => api.listens(), 50);
      await api.get("/version");
      return api;
    } catch (error) {
      api[Symbol.dispose]();
      throw error;
    }
  }

  /** Reads a path of the API. Its shape is Kubernetes' own. */
  async get(path: string, accept = "application/json"): Promise<unknown> {
    return JSON.parse(await this.text(path, accept)) as unknown;
  }

  /** Reads a path of the API as the text that it answers with. */
  async text(path: string, accept = "application/json"): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = {
        socketPath: this.socket,
        path,
        headers: { accept, host: "localhost" },
        timeout: answerDeadline,
      };
      const call = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const body = Buffer.concat(chunks).toString();
          const { statusCode: status = 0 } = response;
          if (status === 200) resolve(body);
          else reject(new ApiError(status, `${path} answers ${String(status)}: ${body.slice(0, 500)}`));
        });
      });
      call.on("timeout", () => call.destroy(new Error(`${path} did not answer in ${String(answerDeadline / 1000)} s`)));
      call.on("error", reject);
      call.end();
    });
  }

  [Symbol.dispose](): void {
    this.proxy.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async listens(): Promise<boolean> {
    if (this.proxy.exitCode !== null) throw new Error((await this.proxy).stderr);
    await this.text("/version").catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== undefined) throw error; // the socket is not there yet
    });
    return true;
  }
}
