/** What istiod puts into a pod of the mesh, as the template that it is told: no Pulumi here. */
import { stringify } from "yaml";
import { goYaml, proxyPorts } from "./istio-names.ts";
import { lockedDown } from "./pod-plan.ts";
import { proxyContainer, type ProxySpec, proxyUser, proxyVolumes } from "./proxy-plan.ts";

/** What one sidecar is promised or may take, as Kubernetes quantities. */
interface Amounts {
  readonly cpu: string;
  readonly memory: string;
}

/** What sidecars get. */
export interface SidecarAmounts {
  /** What a sidecar gets whose pod's containers all have limits equal to their requests, so that the pod stays Guaranteed. */
  readonly guaranteed: Amounts;
  /** What it gets in all other pods. */
  readonly burstable: { readonly requests: Amounts; readonly limits: Amounts };
}

/** What decides the shape of sidecars. */
export interface SidecarSpec extends SidecarAmounts, Pick<ProxySpec, "revision" | "image" | "clusterDomain"> {}

/** A piece of Go's template language (pkg.go.dev/text/template) in the place of a string of the plan. */
const go = (action: string) => `«${action}»`;

/** Lets a pod's annotation say otherwise, as Istio's own template does. */
const unlessAnnotated = (annotation: string, value: string) =>
  go(`annotation .ObjectMeta \`sidecar.istio.io/${annotation}\` \`${value}\``);

const proxyConfig = "protoToJSON .ProxyConfig";
const workload = "index .ObjectMeta.Labels `service.istio.io/workload-name` | default .DeploymentMeta.Name";
const owner =
  "printf `kubernetes://apis/%s/namespaces/%s/%ss/%s` .TypeMeta.APIVersion .DeploymentMeta.Namespace (toLower .TypeMeta.Kind) .DeploymentMeta.Name";

/** The name that statistics know the workload by, in Istio's own order of preference. */
const canonicalName =
  "index .ObjectMeta.Labels `service.istio.io/canonical-name` | default (index .ObjectMeta.Labels `app.kubernetes.io/name`) | default (index .ObjectMeta.Labels `app`) | default .DeploymentMeta.Name | trunc 63 | trimAll `-_.`";
const canonicalRevision =
  "index .ObjectMeta.Labels `service.istio.io/canonical-revision` | default (index .ObjectMeta.Labels `app.kubernetes.io/version`) | default (index .ObjectMeta.Labels `version`) | default `latest`";

/** Whether every container of the pod has limits that are what it requests, of cpu and of memory. */
const isGuaranteed = `{{- $guaranteed := true }}
{{- range .Spec.Containers }}
{{- if or (lt (len .Resources.Limits) 2) (ne (structToJSON .Resources.Requests) (structToJSON .Resources.Limits)) }}
{{- $guaranteed = false }}
{{- end }}
{{- end }}
`;

const resourcesMark = "sidecar resources";

/**
 * What each container that is put into a pod gets.
 *
 * @param isGuaranteed whether every container of the pod has limits that are what it requests
 * @param annotated what the pod's annotation `sidecar.istio.io/<name>` says, or else the value
 */
export function sidecarResources(
  { guaranteed, burstable }: SidecarAmounts,
  isGuaranteed: boolean,
  annotated: (name: string, value: string) => string,
): { readonly requests: Amounts; readonly limits: Amounts } {
  const [requests, limits, suffix] = isGuaranteed
    ? [guaranteed, guaranteed, ""]
    : [burstable.requests, burstable.limits, "Limit"];
  return {
    requests: { cpu: annotated("proxyCPU", requests.cpu), memory: annotated("proxyMemory", requests.memory) },
    limits: {
      cpu: annotated(`proxyCPU${suffix}`, limits.cpu),
      memory: annotated(`proxyMemory${suffix}`, limits.memory),
    },
  };
}

/** What a container gets in a pod of either kind, as a template. */
function resourcesOf(spec: SidecarSpec): string {
  const [equal, apart] = [true, false].map((isGuaranteed) =>
    JSON.stringify(sidecarResources(spec, isGuaranteed, unlessAnnotated)),
  );
  return `{{ if $guaranteed }}${equal ?? ""}{{ else }}${apart ?? ""}{{ end }}`;
}

/** What is merged into a pod of the mesh. */
function podOf(spec: SidecarSpec) {
  const own = { ...lockedDown, ...proxyUser, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
  return {
    metadata: {
      labels: {
        "security.istio.io/tlsMode": "istio",
        "service.istio.io/canonical-name": go(canonicalName),
        "service.istio.io/canonical-revision": go(canonicalRevision),
      },
      annotations: {
        "istio.io/rev": spec.revision,
        "kubectl.kubernetes.io/default-container": go("(index .Spec.Containers 0).Name"),
        "kubectl.kubernetes.io/default-logs-container": go("(index .Spec.Containers 0).Name"),
      },
    },
    spec: {
      initContainers: [
        {
          // Fails where the node has not led the pod's traffic to Envoy, so that nothing of it runs unguarded.
          name: "istio-validation",
          image: spec.image,
          args: [
            "istio-iptables",
            "-p15001",
            "-z15006",
            "-u1337",
            "-mREDIRECT",
            "-i*",
            "-b*",
            `-d${String(proxyPorts.metrics)},${String(proxyPorts.status)},${String(proxyPorts.agent)}`,
            "--log_output_level=default:info",
            "--log_as_json",
            "--run-validation",
            "--skip-rule-apply",
          ],
          resources: resourcesMark,
          securityContext: own,
        },
        {
          ...proxyContainer({
            ...spec,
            role: "sidecar",
            environment: {
              PROXY_CONFIG: go(proxyConfig),
              ISTIO_META_INTERCEPTION_MODE: "REDIRECT",
              ISTIO_META_WORKLOAD_NAME: go(workload),
              ISTIO_META_OWNER: go(owner),
            },
          }),
          // A native sidecar: it starts before the containers of the pod, and stops after them.
          restartPolicy: "Always",
          ports: [{ name: "http-envoy-prom", containerPort: proxyPorts.metrics }],
          // The hook comes when the pod begins to stop, and only tells clients to go elsewhere.
          lifecycle: {
            preStop: {
              exec: {
                command: ["pilot-agent", "request", `--debug-port=${String(proxyPorts.agent)}`, "POST", "drain"],
              },
            },
          },
          resources: resourcesMark,
          securityContext: own,
        },
      ],
      volumes: proxyVolumes(),
    },
  };
}

/** JSON with actions in it, of which each gives a string. */
function templateOf(spec: SidecarSpec): string {
  const text = JSON.stringify(podOf(spec), null, 1).replaceAll(`"${resourcesMark}"`, resourcesOf(spec));
  return isGuaranteed + text.replaceAll(/"«(.*?)»"/g, (_, action: string) => `{{ ${action} | toJson }}`);
}

/**
 * The files that istiod reads to inject: `config`, with the template, and `values`, which ours needs none of; `istioctl
 * analyze` reads from there, too, and has no defaults.
 */
export function injectorFiles(spec: SidecarSpec): { readonly config: string; readonly values: string } {
  return {
    config: stringify(
      { policy: "enabled", defaultTemplates: ["sidecar"], templates: { sidecar: templateOf(spec) } },
      goYaml,
    ),
    values: JSON.stringify({ sidecarInjectorWebhook: { rewriteAppHTTPProbe: true, enableNamespacesByDefault: false } }),
  };
}
