/** Who is asked. */

/** Where requests go, as data; the run gives each target its turn. */
export interface Target {
  /** What it is called in the report, as `ingress`. */
  readonly name: string;
  /** What is asked for, over HTTP or HTTPS, with the public name and port. */
  readonly url: string;
  /** The IPv4 addresses or names that the URL's host stands for; each gets as many requests as the others. */
  readonly addresses: readonly string[];
  /** The certificate of the authority that vouches for the host, in PEM form. @default those this machine trusts */
  readonly ca?: string;
  /** Path of the network namespace to ask from, which takes root. @default this process's own */
  readonly network?: string;
}

/** One request and what became of it. */
export interface Answer {
  /** When it was sent, in milliseconds since the start of the run. */
  readonly at: number;
  /** From sending it to the last byte of the answer, or to the error. */
  readonly milliseconds: number;
  /** The answer's status, or the error that it ended with. */
  readonly status: number | string;
  /** Bytes of the answer's body. */
  readonly bytes: number;
  /** Which of the target's addresses it went to. */
  readonly address: string;
}

/** Whether an answer counts as a success: one with a status of 2xx. Redirects are not followed and do not count. */
export const isGood = ({ status }: Answer): boolean => typeof status === "number" && status >= 200 && status < 300;
