/** What stands against an upgrade, from what was seen of the cluster. */
import { minor, parse } from "semver";
import { type Certificate, soon, statusOf } from "./certificates.ts";
import type { Budget, Definition, Facts, Hook, Pod } from "./upgrade-kinds.ts";

/** One thing that was found. */
export interface Finding {
  /** Whether it must be mended first. */
  readonly blocks: boolean;
  readonly what: string;
  readonly where: string;
  readonly todo: string;
}

/** Bytes that the new release's images take on all nodes, with room for what a drain moves. */
const room = 4e9;

/** Everything that stands against an upgrade to that version, what blocks first. */
export function findings(facts: Facts, to: string): Finding[] {
  const all = [
    ...facts.notReady.map((node) =>
      blocks("not Ready", `node ${node}`, "npm run cluster -- start NODE, or see its kubelet.log"),
    ),
    ...facts.etcd.map((node) =>
      blocks("its member of etcd is not healthy", `node ${node}`, "npm run restore -- --member NODE"),
    ),
    ...facts.apis.map((node) =>
      blocks("its API server does not answer", `node ${node}`, "see kube-apiserver's log on it"),
    ),
    ...removedApis(facts.metrics, to),
    ...facts.definitions.flatMap(unservedVersions),
    ...facts.budgets.flatMap(closedBudget),
    ...facts.hooks.flatMap((hook) => fragileHook(hook, facts.endpoints)),
    ...facts.pods
      .filter(isBare)
      .map(({ metadata: { namespace, name } }) =>
        blocks("a pod that nothing makes again", `pod ${namespace}/${name}`, "delete it, or let a Deployment have it"),
      ),
    ...facts.certificates.flatMap((one) => dueCertificate(one, facts.now)),
    ...(facts.freeBytes < room
      ? [
          blocks(
            `${gigabytes(facts.freeBytes)} free, ${gigabytes(room)} wanted`,
            "the disk of the nodes' files",
            "free some space",
          ),
        ]
      : []),
  ];
  return [...all.filter((one) => one.blocks), ...all.filter((one) => !one.blocks)];
}

const blocks = (what: string, where: string, todo: string): Finding => ({ blocks: true, what, where, todo });
const warns = (what: string, where: string, todo: string): Finding => ({ blocks: false, what, where, todo });
const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

/** APIs that somebody has asked for since the API servers started, and that the new release has no more. */
function removedApis(metrics: string, to: string): Finding[] {
  const asked = [...metrics.matchAll(/^apiserver_requested_deprecated_apis\{([^}]*)\} [1-9]/gm)].map(([, text = ""]) =>
    Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value])),
  );
  const found = asked.flatMap(({ group = "", version = "", resource = "", removed_release: removed = "" }) => {
    const release = parse(`${removed}.0`);
    if (release === null || release.minor > minor(to)) return [];
    const where = `${resource} of ${group === "" ? version : `${group}/${version}`}`;
    return [
      blocks(
        `asked for, and gone in ${removed}`,
        where,
        "let its clients use the newer version; the audit log says who they are",
      ),
    ];
  });
  return [...new Map(found.map((one) => [one.where, one])).values()];
}

function unservedVersions({ metadata, spec, status }: Definition): Finding[] {
  const served = spec.versions.filter((one) => one.served).map(({ name }) => name);
  const gone = (status?.storedVersions ?? []).filter((version) => !served.includes(version));
  const todo = "write its objects anew in a served version, then take the old one out of status.storedVersions";
  return gone.length === 0
    ? []
    : [blocks(`stored in ${gone.join(", ")}, which is not served`, `CRD ${metadata.name}`, todo)];
}

function closedBudget({ metadata: { namespace, name }, status }: Budget): Finding[] {
  if (status === undefined || status.expectedPods === 0 || status.disruptionsAllowed > 0) return [];
  const counts = `${String(status.currentHealthy)} of ${String(status.expectedPods)} pods healthy`;
  const todo = "more replicas, or a budget that allows one disruption: a drain would wait for it without end";
  return [blocks(`allows 0 disruptions (${counts})`, `PodDisruptionBudget ${namespace}/${name}`, todo)];
}

function fragileHook({ configuration, name, failurePolicy, service }: Hook, endpoints: Facts["endpoints"]): Finding[] {
  if (failurePolicy !== "Fail" || service === undefined) return [];
  const ready = endpoints[service] ?? 0;
  const where = `webhook ${name} of ${configuration}`;
  if (ready === 0) {
    return [blocks(`fails closed, and ${service} has no ready endpoint`, where, "bring its pods back, or remove it")];
  }
  const todo = "two replicas on two nodes: while its pod moves, nothing that it watches can be written";
  return ready === 1 ? [warns(`fails closed, and ${service} has one ready endpoint`, where, todo)] : [];
}

/** What a drain refuses to delete: neither made by a controller nor of a node's own manifests. */
function isBare({ metadata: { annotations, ownerReferences }, status }: Pod): boolean {
  const mirror = annotations?.["kubernetes.io/config.mirror"] !== undefined;
  const ended = status.phase === "Succeeded" || status.phase === "Failed";
  return !mirror && !ended && (ownerReferences ?? []).length === 0;
}

function dueCertificate(certificate: Certificate, now: number): Finding[] {
  const status = statusOf(certificate, now);
  const where = `${certificate.file} of ${certificate.node}`;
  const todo = "npm run cluster -- certificates --renew";
  if (status === "expired") return [blocks("expired", where, todo)];
  return status === soon ? [warns(`expires ${certificate.expires.slice(0, 10)}`, where, todo)] : [];
}

/** The findings as lines for people. */
export function findingLines(all: readonly Finding[]): string[] {
  if (all.length === 0) return ["Nothing stands against it."];
  return all.map(
    ({ blocks: must, what, where, todo }) => `${must ? "BLOCKS" : "warns "}  ${where}: ${what}. To do: ${todo}.`,
  );
}
