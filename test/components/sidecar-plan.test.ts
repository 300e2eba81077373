import { parse } from "yaml";
import { injectorFiles, type SidecarSpec } from "../../components/sidecar-plan.ts";

const spec: SidecarSpec = {
  revision: "1-2-3",
  image: "registry.example/proxy:1.2.3",
  clusterDomain: "cluster.local",
  guaranteed: { cpu: "200m", memory: "100Mi" },
  burstable: { requests: { cpu: "20m", memory: "50Mi" }, limits: { cpu: "1", memory: "200Mi" } },
};
const files = injectorFiles(spec);
const config = parse(files.config, { version: "1.1" }) as {
  policy: string;
  defaultTemplates: string[];
  templates: { sidecar: string };
};
const template = config.templates.sidecar;

interface Container {
  name: string;
  image: string;
  restartPolicy?: string;
  args: string[];
  env?: { name: string; value?: string }[];
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  securityContext: Record<string, unknown>;
  volumeMounts?: { name: string }[];
}

/** What the template gives for a pod, with what Go would compute in angle brackets. */
function rendered(pod: "guaranteed" | "burstable") {
  const text = template
    .replace(/\{\{- (\$|range|if|end).*?\}\}\n/g, "")
    .replaceAll(/\{\{ if \$guaranteed \}\}(.*?)\{\{ else \}\}(.*?)\{\{ end \}\}/g, pod === "guaranteed" ? "$1" : "$2")
    .replaceAll(/\{\{ annotation \.ObjectMeta `(.*?)` `(.*?)` \| toJson \}\}/g, '"$2"')
    .replaceAll(/\{\{ (.*?) \| toJson \}\}/g, '"<$1>"');
  return JSON.parse(text) as {
    metadata: Record<"labels" | "annotations", Record<string, string>>;
    spec: { initContainers: [Container, Container]; volumes: { name: string; hostPath?: object }[] };
  };
}

test("pods of the mesh get a sidecar unless they say otherwise", () => {
  expect(config).toMatchObject({ policy: "enabled", defaultTemplates: ["sidecar"] });
  // What is not there `istioctl analyze` takes for true or false, and ends.
  expect(JSON.parse(files.values)).toEqual({
    sidecarInjectorWebhook: { rewriteAppHTTPProbe: true, enableNamespacesByDefault: false },
  });
});

test("the sidecar is a native one, and comes after what proves that the node leads traffic to it", () => {
  const [validation, proxy] = rendered("burstable").spec.initContainers;
  expect([validation.name, validation.restartPolicy]).toEqual(["istio-validation", undefined]);
  expect(validation.args).toEqual(expect.arrayContaining(["--run-validation", "--skip-rule-apply"]));
  expect([proxy.name, proxy.restartPolicy, proxy.args.slice(0, 2)]).toEqual([
    "istio-proxy",
    "Always",
    ["proxy", "sidecar"],
  ]);
});

test("both meet the restricted standard by themselves", () => {
  const { initContainers, volumes } = rendered("burstable").spec;
  for (const { securityContext } of initContainers) {
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
      runAsUser: 1337,
      runAsGroup: 1337,
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
  }
  expect(volumes.filter(({ hostPath }) => hostPath !== undefined)).toEqual([]);
  const names = volumes.map(({ name }) => name);
  for (const { name } of initContainers[1].volumeMounts ?? []) expect(names).toContain(name);
});

test("a Guaranteed pod stays Guaranteed: every container gets limits that are its requests", () => {
  for (const { resources } of rendered("guaranteed").spec.initContainers) {
    expect(resources).toEqual({ requests: spec.guaranteed, limits: spec.guaranteed });
  }
  for (const { resources } of rendered("burstable").spec.initContainers) expect(resources).toEqual(spec.burstable);
});

test("in a Guaranteed pod an annotation changes both, so that they stay equal", () => {
  const [, guaranteed = "", burstable = ""] =
    /\{\{ if \$guaranteed \}\}(.*?)\{\{ else \}\}(.*?)\{\{ end \}\}/.exec(template) ?? [];
  const asked = (text: string) => [...text.matchAll(/sidecar\.istio\.io\/(\w+)`/g)].map(([, name]) => name);
  expect(asked(guaranteed)).toEqual(["proxyCPU", "proxyMemory", "proxyCPU", "proxyMemory"]);
  expect(asked(burstable)).toEqual(["proxyCPU", "proxyMemory", "proxyCPULimit", "proxyMemoryLimit"]);
});

test("what Go computes has no quote of JSON's in it", () => {
  const actions = [...template.matchAll(/\{\{(.*?)\}\}/g)].map(([, action = ""]) => action);
  expect(actions.length).toBeGreaterThan(10);
  for (const action of actions) expect(action).not.toMatch(/["\\]/);
});

test("it knows its istiod, its workload, and the pod's own revision", () => {
  const { metadata, spec: pod } = rendered("guaranteed");
  expect(metadata.annotations["istio.io/rev"]).toBe("1-2-3");
  expect(metadata.labels["security.istio.io/tlsMode"]).toBe("istio");
  const environment = Object.fromEntries(pod.initContainers[1].env?.map(({ name, value }) => [name, value]) ?? []);
  expect(environment).toMatchObject({
    CA_ADDR: "istiod-1-2-3.istio-system.svc:15012",
    PROXY_CONFIG: "<protoToJSON .ProxyConfig>",
  });
});
