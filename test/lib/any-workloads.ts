/** Workloads at random that the API server takes, in every form. */
import fc from "fast-check";
import { image, initial, often, serving } from "./any-containers.ts";

const sizeLimit = fc.constantFrom("1Mi", "16Mi", "64Mi", "65Mi", "128Mi", "0", "2Gi", "1e3", "1500m");
const limited = fc.constant({ emptyDir: { sizeLimit: "16Mi" } });
const volume = fc.oneof<fc.Arbitrary<object>[]>(
  limited,
  limited,
  limited,
  limited,
  limited,
  limited,
  fc.record({ emptyDir: fc.record({ sizeLimit, medium: fc.constantFrom("", "Memory") }, { requiredKeys: [] }) }),
  fc.record({ emptyDir: fc.record({ sizeLimit, medium: fc.constant("Memory") }) }),
  fc.constant({}),
  fc.constant({ configMap: { name: "settings" } }),
  image.map((reference) => ({ image: { reference } })),
);

/** Names, and ports that are not another container's: the API server would warn of each, and passes on only so much. */
const named = (prefix: string, offset: number) => (items: readonly object[]) =>
  items.map((one, index) => {
    const own = String(offset + index);
    const apart = JSON.stringify(one)
      .replaceAll(/"(http|metrics|dns)"/g, `"$1${own}"`)
      .replaceAll(/(?<="(?:containerPort|port)":)\d+/g, (port) => String(Number(port) + 100 * Number(own)));
    return { name: `${prefix}${String(index)}`, ...(JSON.parse(apart) as object) }; // what it was, but for those
  });

const wholePod = [
  { requests: { cpu: "8", memory: "16Gi" }, limits: { cpu: "64", memory: "2Ti" } },
  { limits: { cpu: "64", memory: "2Ti" } },
  { requests: { cpu: "8" } },
];

const podSpec = fc.record(
  {
    containers: fc.array(serving, { minLength: 1, maxLength: 3 }).map(named("app", 0)),
    initContainers: fc.array(initial, { maxLength: 3 }).map(named("init", 5)),
    volumes: fc.array(volume, { maxLength: 3 }).map(named("volume", 0)),
    terminationGracePeriodSeconds: often(30, 60, 6, 0),
    resources: fc.constantFrom({}, {}, {}, ...wholePod),
  },
  { requiredKeys: ["containers"] },
);

/** Annotations by which calls may go past the proxy of the mesh. */
const annotations = fc.dictionary(
  fc.constantFrom(
    "traffic.sidecar.istio.io/excludeOutboundPorts",
    "traffic.sidecar.istio.io/excludeOutboundIPRanges",
    "traffic.sidecar.istio.io/excludeInboundPorts",
    "traffic.sidecar.istio.io/includeInboundPorts",
    "traffic.sidecar.istio.io/includeOutboundIPRanges",
    "sidecar.istio.io/interceptionMode",
    "sidecar.istio.io/proxyCPU",
  ),
  fc.constantFrom("", " ", "*", "15020", "15021, 15090", "8080,15020", "10.0.0.0/8", "none", "REDIRECT"),
  { maxKeys: 1 },
);

/** The metadata of pods. */
type Metadata = Readonly<Record<string, object>>;
type Built = { readonly metadata?: Metadata; readonly spec?: object; readonly template?: object };
type Build = (spec: object, restartPolicy: string, metadata: Metadata) => Built;

const labels = { app: "fuzz" };
const template = (spec: object, metadata: Metadata) => ({ metadata: { labels, ...metadata }, spec });
const kinds: Readonly<Record<string, readonly [apiVersion: string, build: Build]>> = {
  Pod: ["v1", (spec, restartPolicy, metadata) => ({ metadata, spec: { ...spec, restartPolicy } })],
  PodTemplate: ["v1", (spec, _, metadata) => ({ template: template(spec, metadata) })],
  ReplicationController: [
    "v1",
    (spec, _, metadata) => ({ spec: { selector: labels, template: template(spec, metadata) } }),
  ],
  Deployment: [
    "apps/v1",
    (spec, _, metadata) => ({ spec: { selector: { matchLabels: labels }, template: template(spec, metadata) } }),
  ],
  ReplicaSet: [
    "apps/v1",
    (spec, _, metadata) => ({ spec: { selector: { matchLabels: labels }, template: template(spec, metadata) } }),
  ],
  DaemonSet: [
    "apps/v1",
    (spec, _, metadata) => ({ spec: { selector: { matchLabels: labels }, template: template(spec, metadata) } }),
  ],
  StatefulSet: [
    "apps/v1",
    (spec, _, metadata) => ({
      spec: { serviceName: "fuzz", selector: { matchLabels: labels }, template: template(spec, metadata) },
    }),
  ],
  Job: [
    "batch/v1",
    (spec, _, metadata) => ({ spec: { template: template({ ...spec, restartPolicy: "Never" }, metadata) } }),
  ],
  CronJob: [
    "batch/v1",
    (spec, _, metadata) => ({
      spec: {
        schedule: "0 4 * * *",
        jobTemplate: { spec: { template: template({ ...spec, restartPolicy: "OnFailure" }, metadata) } },
      },
    }),
  ],
};

/** A manifest with what names it in the API. */
export interface AnyWorkload {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace: string; readonly name: string };
}

/** Workloads in a namespace. */
export const anyWorkloads = (namespace: string): fc.Arbitrary<AnyWorkload> =>
  fc
    .tuple(fc.constantFrom(...Object.entries(kinds)), podSpec, often("Always", "Never", "OnFailure"), annotations)
    .map(([[kind, [apiVersion, build]], spec, restartPolicy, own]) => {
      const { metadata, ...parts } = build(spec, restartPolicy, { annotations: own });
      return { apiVersion, kind, metadata: { namespace, name: "fuzz", ...metadata }, ...parts };
    });
