/** podinfo, the sample application of the backend and of the bookstore, as plain manifests: no Pulumi here. */
import { lockedDown, lostNodeTolerations, spread } from "./pod-plan.ts";

/** Quantities of what a pod uses; a type and not an interface, so that it is also a map of strings. */
export type Amounts = Readonly<Record<"cpu" | "memory", string>>;

/** What is wrong with an app by itself, at random. */
export interface Fault {
  /** Whether every third request, by chance, is answered 500, 400 or 409. */
  readonly errors: boolean;
  /** Every request waits from `min` to below `max` milliseconds. @default none waits */
  readonly delay?: { readonly min: number; readonly max: number } | undefined;
}

/** What decides the shape of a pod. */
export interface PodinfoSpec {
  /** The image with its tag or digest; it runs `./podinfo` in its working directory. */
  readonly image: string;
  /** What each pod is promised, as Kubernetes quantities. */
  readonly resources: Amounts;
  /** What each pod may take at most. @default what it is promised */
  readonly limits?: Amounts | undefined;
  /** Whether the nodes stand in more than one rack, so that pods prefer different racks. */
  readonly racks: boolean;
  /** The revision of the mesh whose sidecars the pods get, and with which they are made anew. @default they get none */
  readonly revision?: string | undefined;
}

/** What one app does that others do not. */
export interface Behaviour {
  /** Who is called, all at once, by whoever calls `/api/echo`: URLs. @default nobody */
  readonly calls?: readonly string[];
  /** What `/api/info` answers as `message`. @default podinfo's greeting */
  readonly message?: string;
  /** @default none */
  readonly fault?: Fault | undefined;
}

/** The name of its container. */
export const podinfoContainer = "podinfo";

/** The port podinfo listens on, and that of a Service before it. */
export const ports = { container: 1323, service: 80 } as const;

/** The user and group `app` of the upstream image, as numbers because runAsNonRoot cannot check a name. */
const user = { runAsUser: 100, runAsGroup: 101, fsGroup: 101 };

/**
 * The time in seconds for a stop without a lost request: as long as endpoints take to leave every node, then as long
 * as podinfo waits for open requests (its --server-shutdown-timeout), and as much again before the kill.
 */
const shutdown = { endpoints: 5, requests: 10, kill: 30 };

/** What the pods of an app carry. */
export const labelsOf = (app: string) => ({ "app.kubernetes.io/name": app });

/** What the pods carry that are made anew with the mesh. */
export const revisionLabel = ({ revision }: Pick<PodinfoSpec, "revision">): Readonly<Record<string, string>> =>
  revision === undefined ? {} : { "quintet.dev/mesh-revision": revision };

/** What the cluster knows an app by, whatever its pods are: its account and its Service. */
export function planService(app: string) {
  const meta = { name: app, labels: labelsOf(app) };
  return {
    serviceAccount: { metadata: meta, automountServiceAccountToken: false },
    service: {
      metadata: meta,
      spec: {
        selector: meta.labels,
        ports: [{ name: "http", port: ports.service, targetPort: "http", appProtocol: "http" }],
      },
    },
  };
}

/**
 * A pod of an app.
 *
 * @param app whose account it has
 * @param spreadBy the labels of the pods that it keeps its distance from
 */
export function podOf(
  app: string,
  spreadBy: Readonly<Record<string, string>>,
  { racks, ...spec }: PodinfoSpec,
  behaviour: Behaviour = {},
) {
  return {
    serviceAccountName: app,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { ...user, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    terminationGracePeriodSeconds: shutdown.kill,
    topologySpreadConstraints: spread(spreadBy, racks),
    tolerations: lostNodeTolerations,
    containers: [container(spec, behaviour)],
    volumes: [{ name: "data", emptyDir: { sizeLimit: "16Mi" } }],
  };
}

function container(
  { image, resources: requests, limits = requests }: Omit<PodinfoSpec, "racks">,
  behaviour: Behaviour,
) {
  const probe = probesOf(behaviour);
  return {
    name: podinfoContainer,
    image,
    command: [
      "./podinfo",
      `--port=${String(ports.container)}`,
      `--server-shutdown-timeout=${String(shutdown.requests)}s`,
      ...flagsOf(behaviour),
    ],
    ports: [{ name: "http", containerPort: ports.container }],
    resources: { requests, limits },
    startupProbe: { ...probe("/healthz"), periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { ...probe("/readyz"), periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...probe("/healthz"), periodSeconds: 10, failureThreshold: 3 },
    lifecycle: { preStop: { sleep: { seconds: shutdown.endpoints } } },
    securityContext: lockedDown,
    volumeMounts: [{ name: "data", mountPath: "/data" }],
  };
}

/**
 * How the kubelet asks. podinfo's faults meet its probes, too: a pod with one is asked for no more than a connection,
 * or it would be restarted and left without traffic, and nobody would see the fault.
 */
function probesOf({ fault }: Behaviour) {
  return (path: string) => ({
    ...(fault === undefined ? { httpGet: { path, port: "http" } } : { tcpSocket: { port: "http" } }),
    timeoutSeconds: 2,
  });
}

function flagsOf({ calls = [], message, fault }: Behaviour): string[] {
  const { errors = false, delay } = fault ?? {};
  return [
    ...(message === undefined ? [] : [`--ui-message=${message}`]),
    ...calls.map((url) => `--backend-url=${url}`),
    // What waits longer than a stopping pod does would be cut off then.
    ...(calls.length === 0 ? [] : [`--http-client-timeout=${String(shutdown.requests)}s`]),
    ...(errors ? ["--random-error"] : []),
    ...(delay === undefined
      ? []
      : [
          "--random-delay",
          "--random-delay-unit=ms",
          `--random-delay-min=${String(delay.min)}`,
          `--random-delay-max=${String(delay.max)}`,
        ]),
  ];
}
