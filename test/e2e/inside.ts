/** Programs of the tests in the network of a pod or node: what they send comes from there, though they are files here. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";

/** Where something is in the network: the file of its network namespace. */
export type Place = `--net=${string}`;

/**
 * The network of a pod.
 *
 * @param container the id of one of its containers, as its status says it
 */
export function networkOf(container: string): Place {
  const id = container.replace(/^containerd:\/\//, "");
  const process = readdirSync("/proc").find((entry) => {
    try {
      return /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/cgroup`, "utf8").includes(id);
    } catch {
      return false; // it has ended since
    }
  });
  if (process === undefined) throw new Error(`No process on this machine is of container ${container}.`);
  return `--net=/proc/${process}/ns/net`;
}

/** Starts a program of this folder in a place; what it prints is its answer. */
export const inside = (place: Place, program: string, args: readonly string[] = []) =>
  execa("nsenter", [place, process.execPath, join(import.meta.dirname, program), ...args], { stderr: "inherit" });
