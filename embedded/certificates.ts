/** Which certificates a cluster has, how long they last, and what is to be done about it. */
import { X509Certificate } from "node:crypto";
import { parse } from "yaml";
import { table } from "../table.ts";

/** One certificate. */
export interface Certificate {
  /** The node's name, or whose kubeconfig it is in. */
  readonly node: string;
  /** Its path there. */
  readonly file: string;
  /** RFC 3339. */
  readonly expires: string;
}

/** How soon a certificate ends; a command that finds one of the first two fails. */
export type Status = "expired" | "within 14 days" | "within 30 days" | "within 90 days" | "";

/** The status that `certificates` fails for, although everything works still. */
export const soon = "within 14 days" satisfies Status;

const day = 86_400_000;
const limits = [
  [0, "expired"],
  [14, soon],
  [30, "within 30 days"],
  [90, "within 90 days"],
] as const;

/**
 * When the first certificate in a file ends, be it PEM or a kubeconfig.
 *
 * @returns undefined for a kubeconfig that holds none
 */
export function expiryOf(file: string, text: string): string | undefined {
  const pem = file.endsWith(".conf") || file.endsWith("kubeconfig") ? embedded(text) : text;
  return pem === undefined ? undefined : new Date(new X509Certificate(pem).validTo).toISOString();
}

function embedded(kubeconfig: string): string | undefined {
  const { users } = parse(kubeconfig) as { users?: { user?: { "client-certificate-data"?: string } }[] }; // client-go's own
  const data = users?.[0]?.user?.["client-certificate-data"];
  return data === undefined ? undefined : Buffer.from(data, "base64").toString();
}

/** @param now milliseconds since the epoch */
export function statusOf({ expires }: Certificate, now: number): Status {
  const left = Date.parse(expires) - now;
  return limits.find(([days]) => left <= days * day)?.[1] ?? "";
}

/** Whether somebody has to do something now. */
export const areDue = (all: readonly Certificate[], now: number): boolean =>
  all.some((one) => ["expired", soon].includes(statusOf(one, now)));

/** All of them as a table, what ends first on top, with what is to be done. */
export function certificateLines(all: readonly Certificate[], now: number): string[] {
  const sorted = [...all].sort((a, b) => Date.parse(a.expires) - Date.parse(b.expires));
  const left = sorted.map(({ expires }) => `${String(Math.floor((Date.parse(expires) - now) / day))} d`);
  const rows = table(
    [
      ["EXPIRES", ...sorted.map(({ expires }) => expires.slice(0, 16).replace("T", " "))],
      ["LEFT", ...left],
      ["NODE", ...sorted.map(({ node }) => node)],
      ["CERTIFICATE", ...sorted.map(({ file }) => file)],
      ["", ...sorted.map((one) => statusOf(one, now))],
    ],
    5,
  );
  const counts = limits.flatMap(([, status]) => {
    const count = all.filter((one) => statusOf(one, now) === status).length;
    return count === 0 ? [] : [`${String(count)} ${status}`];
  });
  const next = areDue(all, now) ? " Renew them: npm run cluster -- certificates --renew" : "";
  return [
    ...rows,
    `${String(all.length)} certificates: ${counts.length === 0 ? "none ends within 90 days" : counts.join(", ")}.${next}`,
  ];
}
