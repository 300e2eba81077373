/**
 * Reads the policies of security.istio.io as Istio documents them, apart from the planner that writes them
 * (istio.io/latest/docs/reference/config/security).
 */
import type { MeshPolicy, Rule, Source } from "../../components/authorization-plan.ts";
import { type Labels, selects } from "../../components/network-policy.ts";

/** Who runs under which account. */
export interface Identity {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** One request over TCP. */
export interface Request {
  /** The caller's identity; `undefined` for plaintext. */
  readonly identity?: Identity | undefined;
  /** Whether it has a valid token. @default false */
  readonly token?: boolean;
  readonly to: {
    readonly namespace: string;
    readonly labels: Labels;
    /** Whether it is a gateway, which ends the TLS of clients and sees no identity. @default false */
    readonly gateway?: boolean | undefined;
  };
  /** The port that the pod listens on. */
  readonly port: number;
  /** @default / */
  readonly path?: string;
}

const rootNamespace = "istio-system";

/** Whether a request gets in. */
export function letsIn(policies: readonly MeshPolicy[], request: Request): boolean {
  const { to, port } = request;
  const seen = to.gateway === true ? { ...request, identity: undefined } : request;
  if (to.gateway !== true && modeOf(policies, to, port) === "STRICT" && seen.identity === undefined) return false;
  const bound = policies.flatMap((policy) =>
    policy.kind === "AuthorizationPolicy" && binds(policy, to) ? [policy] : [],
  );
  const matched = (action: "ALLOW" | "DENY") => {
    const all = bound.filter(({ spec }) => (spec.action ?? "ALLOW") === action);
    return {
      some: all.length > 0,
      hit: all.some(({ metadata, spec }) => (spec.rules ?? []).some((rule) => matches(rule, seen, metadata.namespace))),
    };
  };
  if (matched("DENY").hit) return false;
  const allow = matched("ALLOW");
  return !allow.some || allow.hit;
}

function binds({ metadata, spec }: MeshPolicy, { namespace, labels }: Request["to"]): boolean {
  if (metadata.namespace !== namespace && metadata.namespace !== rootNamespace) return false;
  return spec.selector === undefined || selects(spec.selector, labels);
}

/** The narrowest scope that says something: a workload's port, a workload, its namespace, the mesh. */
function modeOf(policies: readonly MeshPolicy[], to: Request["to"], port: number): "STRICT" | "PERMISSIVE" {
  const bound = policies.flatMap((policy) =>
    policy.kind === "PeerAuthentication" && binds(policy, to) ? [policy] : [],
  );
  const workload = bound.find(({ spec }) => spec.selector !== undefined);
  const own = bound.find(({ metadata, spec }) => spec.selector === undefined && metadata.namespace === to.namespace);
  const mesh = bound.find(({ metadata, spec }) => spec.selector === undefined && metadata.namespace === rootNamespace);
  return (
    workload?.spec.portLevelMtls?.[String(port)]?.mode ??
    [workload, own, mesh].find((one) => one?.spec.mtls !== undefined)?.spec.mtls?.mode ??
    "PERMISSIVE"
  );
}

function matches({ from, to }: Rule, request: Request, own: string): boolean {
  const { port, path = "/" } = request;
  return (
    (from === undefined || from.some(({ source }) => isFrom(source, request, own))) &&
    (to === undefined ||
      to.some(({ operation: { ports, notPaths = [] } }) => ports.includes(String(port)) && !notPaths.includes(path)))
  );
}

function isFrom(source: Source, { identity, token = false }: Request, own: string): boolean {
  const { serviceAccounts, namespaces, notPrincipals, notRequestPrincipals } = source;
  if (serviceAccounts !== undefined && (namespaces ?? notPrincipals) !== undefined) {
    throw new Error("The API server refuses serviceAccounts beside namespaces and principals.");
  }
  if (serviceAccounts !== undefined && serviceAccounts.length > 16) {
    throw new Error("The API server refuses more than 16 serviceAccounts.");
  }
  const account = identity === undefined ? undefined : `${identity.namespace}/${identity.serviceAccount}`;
  return (
    (serviceAccounts?.some((one) => account === (one.includes("/") ? one : `${own}/${one}`)) ?? true) &&
    (namespaces?.some((one) => one === identity?.namespace) ?? true) &&
    (notPrincipals === undefined || identity === undefined) &&
    (notRequestPrincipals === undefined || !token)
  );
}
