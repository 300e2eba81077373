import { injectedShares, isInjected, sidecarParameters } from "../../../../policies/lib/qos/injection.ts";
import { podAmountsOf } from "../../../../policies/lib/qos/amounts.ts";
import { Objects, objectsOfManifest } from "../../../../policies/lib/object.ts";
import { workloadOf } from "../../../../policies/lib/workload.ts";
import { namespace } from "../../meshes.ts";
import { amounts } from "../../workloads.ts";

const revision = { "istio.io/rev": "stable" };
const guaranteed = { requests: amounts, limits: amounts };

/** A pod of some containers, in a namespace. */
function podOf(containers: readonly object[], metadata: object = {}, more: object = {}) {
  const [object] = objectsOfManifest({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "shop", ...metadata },
    spec: { containers, ...more },
  });
  const workload = object === undefined ? undefined : workloadOf(object);
  if (workload === undefined) throw new Error("A pod is a workload.");
  return workload;
}

const app = (resources: object = guaranteed) => ({ name: "app", image: "acme/web:1", resources });

describe("a sidecar is put", () => {
  const injected = (metadata: object = {}, labels: object = revision, more: object = {}) => {
    const workload = podOf([app()], metadata, more);
    const name = (metadata as { namespace?: string }).namespace ?? "shop";
    return isInjected(workload, new Objects(objectsOfManifest(namespace(name, labels))));
  };

  test("into the pods of a namespace of the mesh", () => {
    expect(injected()).toBe(true);
    expect(injected({ annotations: { "sidecar.istio.io/inject": "true" } })).toBe(true);
  });

  test.each<[string, boolean]>([
    ["of a namespace outside", injected({}, {})],
    ["of the host's network", injected({}, revision, { hostNetwork: true })],
    ["whose label says no", injected({ labels: { "sidecar.istio.io/inject": "false" } })],
    ["whose annotation says no", injected({ annotations: { "sidecar.istio.io/inject": "false" } })],
    ...["kube-system", "kube-public", "kube-node-lease", "local-path-storage"].map((name): [string, boolean] => [
      `of ${name}`,
      injected({ namespace: name }),
    ]),
  ])("not into pods %s", (_, found) => {
    expect(found).toBe(false);
  });
});

describe("what is put in asks for", () => {
  const sidecar = sidecarParameters.parse({
    guaranteed: { cpu: "1", memory: "1Gi" },
    burstable: { requests: { cpu: "2", memory: "2Gi" }, limits: { cpu: "3", memory: "3Gi" } },
  });
  const asks = (containers: readonly object[], metadata: object = {}, more: object = {}) => {
    const workload = podOf(containers, metadata, more);
    const { containers: own } = podAmountsOf(workload.containers, undefined);
    return injectedShares(workload, own, sidecar).map(({ role, requests }) => [role, requests.get("cpu")]);
  };
  const of = (cpus: bigint) => [
    ["init", cpus * 1_000_000_000n],
    ["sidecar", cpus * 1_000_000_000n],
  ];

  test("what is requested and limited, where the pod's own containers are limited to what they request", () => {
    expect(asks([app()])).toEqual(of(1n));
    // How init containers are written says nothing of the class that the template sees.
    const init = { initContainers: [{ ...app({ requests: { cpu: "1" }, limits: { memory: "1" } }), name: "init" }] };
    expect(asks([app()], {}, init)).toEqual(of(1n));
  });

  test.each<[string, object]>([
    ["nothing", {}],
    ["a limit alone", { limits: amounts }],
    ["a request alone", { requests: amounts }],
    ["other amounts", { requests: amounts, limits: { ...amounts, cpu: "1" } }],
    ["one resource", { requests: { cpu: "1" }, limits: { cpu: "1" } }],
    ["one more limit", { requests: amounts, limits: { ...amounts, "example.com/gpu": "1" } }],
    [
      "the same in another form",
      { requests: { ...amounts, memory: "1Gi" }, limits: { ...amounts, memory: "1073741824" } },
    ],
  ])("less than its limit, where one of them says %s", (_, resources) => {
    expect(asks([app(resources)])).toEqual(of(2n));
    expect(asks([app(), { ...app(resources), name: "log" }])).toEqual(of(2n));
  });

  test("what the pod's own annotations say", () => {
    expect(asks([app()], { annotations: { "sidecar.istio.io/proxyCPU": "7" } })).toEqual(of(7n));
  });
});
