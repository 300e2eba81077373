/** Which release of Kubernetes may follow another. */
import { coerce, diff, lt } from "semver";

/**
 * Why Kubernetes may not go from one version to another: API servers move one minor release at a time, and never back
 * (kubernetes.io/releases/version-skew-policy).
 *
 * @param from as in "v1.35.2", the patch may be missing
 */
export function hopProblem(from: string, to: string): string | undefined {
  const [old, next] = [coerce(from), coerce(to)];
  if (old === null || next === null) return `cannot compare ${from} with ${to}, write versions like v1.36.3`;
  const sameMinor = old.major === next.major && old.minor === next.minor;
  if (lt(next, old) && !(sameMinor && [from, to].some(isMinor))) {
    return `would go back from ${from} to ${to}, which etcd's data does not survive. Stay, or restore a snapshot into a new cluster`;
  }
  if (diff(old, next) === "major" || next.minor > old.minor + 1) {
    return `would go from ${from} to ${to} and skip a minor release. Upgrade to ${String(old.major)}.${String(old.minor + 1)} first`;
  }
  return undefined;
}

/** Whether a version names no patch, as those of a managed cluster do. */
const isMinor = (version: string) => /^v?\d+\.\d+$/.test(version);
