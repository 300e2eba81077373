import { clusterHalf } from "../../components/cluster/half.ts";
import { graphOf } from "../../components/connectivity-graph.ts";
import { istioCniHalf, planIstioCni } from "../../components/istio-cni-plan.ts";
import { requireLimits } from "../../policies/qos/require-limits.ts";
import { judge } from "../lib/judge.ts";
import { facts } from "../lib/stacks.ts";

const folders = { configuration: "/etc/example/net.d", programs: "/opt/example/bin" };
const plan = planIstioCni({ image: "registry.example/cni:1.2.3", folders, excluded: ["kube-system"] });
const pod = plan.daemonSet.spec.template.spec;
const [container] = pod.containers;

test("it runs on every node, before other pods need it and whatever the node's taints", () => {
  expect(pod.tolerations).toEqual([{ operator: "Exists" }]);
  expect(pod.priorityClassName).toBe("system-node-critical");
  expect(plan.daemonSet.spec.selector.matchLabels).toEqual(plan.daemonSet.spec.template.metadata.labels);
});

test("it writes to the runtime's folders and to its own, and has no capability but to write there", async () => {
  expect(pod.volumes.map(({ hostPath }) => hostPath.path).sort()).toEqual(
    [folders.configuration, folders.programs, "/var/run/istio-cni"].sort(),
  );
  const mounted = container?.volumeMounts.map(({ name }) => name);
  expect(pod.volumes.map(({ name }) => name)).toEqual(mounted);
  expect(container?.securityContext).toEqual({
    runAsUser: 0,
    runAsGroup: 0,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"], add: ["DAC_OVERRIDE"] },
  });
  expect(pod).not.toHaveProperty("hostNetwork");
  const { violations } = await judge(requireLimits, "kubernetes:apps/v1:DaemonSet", plan.daemonSet);
  expect(violations).toEqual([]);
});

test("pods that came before it are made anew, and it may change none", () => {
  const settings = Object.fromEntries(
    container?.env.flatMap((one) => ("value" in one ? [[one.name, one.value]] : [])) ?? [],
  ) as Record<string, string>;
  expect(settings).toMatchObject({
    REPAIR_ENABLED: "true",
    REPAIR_DELETE_PODS: "true",
    REPAIR_REPAIR_PODS: "false",
    EXCLUDE_NAMESPACES: "istio-cni,kube-system",
  });
  const verbs = plan.rights.cluster.filter(({ resources }) => resources.includes("pods")).flatMap((rule) => rule.verbs);
  expect(verbs.sort()).toEqual(["delete", "get", "list", "watch"]);
});

test("its half of the connectivity graph lets it out to the API server alone", () => {
  const around = { ...facts, enforcesNetworkPolicy: true };
  const half = istioCniHalf({ closed: "every-pod" });
  const graph = graphOf(around, [clusterHalf(around), half]);
  expect(graph.edges.map(({ from, to, port }) => `${from} -> ${to} ${port}`)).toEqual([
    "istio-cni/istio-cni-node -> api-server https",
  ]);
  expect(half.workloads?.[0]?.labels).toEqual(plan.daemonSet.spec.template.metadata.labels);
});
