/** What a policy names is there. */
import { z } from "zod";
import {
  type Labels,
  type LabelSelector,
  nameLabel,
  opens,
  type PolicyPeer,
  type PolicyPort,
  rulesOf,
  selects,
} from "../../components/network-policy.ts";
import {
  directions,
  mustHaveRead,
  type Network,
  networkOf,
  selectsAll,
} from "../lib/network-policy/network-policies.ts";
import { policiesOf, type ReadPods } from "../lib/network-policy/reading.ts";
import type { Objects } from "../lib/object.ts";
import { madeParameter } from "../lib/labels/made.ts";
import { isInjected } from "../lib/qos/injection.ts";
import { defineRule, each, type Finding } from "../lib/rule.ts";
import { systemParameter } from "../lib/system-namespaces.ts";
import { list, property } from "../lib/values.ts";

/** Tells of selectors and ports that no workload has, as far as the stack knows who runs where. */
export const disallowUnmatchedSelectors = defineRule({
  name: "network-policy-disallow-unmatched-selectors",
  severity: "medium",
  // Operators make pods that no stack shows.
  level: "advisory",
  title: "What a NetworkPolicy selects, and the ports that it opens, are those of some workload of the stack.",
  why: "A label that is mistyped selects nobody, and no one is told: what was to be closed stays open, and what was to be opened stays closed.",
  fix: "Correct the selector or the port, or the labels and the ports of the pods.",
  sees: "stack",
  /** `system`: namespaces that are left alone, each with the reason. `made`: labels of pods that controllers make. */
  parameters: z.strictObject({ system: systemParameter, made: madeParameter }).prefault({}),
  *check(object, { objects, parameters }) {
    for (const { namespace, spec } of policiesOf(object)) {
      const around: Around = {
        objects,
        network: networkOf(objects),
        system: Object.keys(parameters.system),
        made: parameters.made,
      };
      const own = podsOf(around, { podSelector: spec.podSelector }, namespace);
      yield* unmatched(around, own, spec.podSelector, "spec.podSelector", namespace);
      yield* each(directions, (direction) => {
        const [side, key] = direction === "Ingress" ? ["ingress", "from"] : ["egress", "to"];
        return each(rulesOf(spec, direction), function* ({ peers = [], ports = [] }, rule) {
          const path = `spec.${side}[${String(rule)}]`;
          const found = peers.map((peer) => podsOf(around, peer, namespace));
          yield* each(peers, (peer, index) =>
            unmatchedPeer(around, peer, found[index], `${path}.${key}[${String(index)}]`, namespace),
          );
          const called = direction === "Ingress" ? own : together(found);
          yield* each(ports, (port, index) => unmatchedPort(around, port, called, `${path}.ports[${String(index)}]`));
        });
      });
    }
  },
});

interface Around {
  readonly objects: Objects;
  readonly network: Network;
  readonly system: readonly string[];
  readonly made: readonly Labels[];
}

/** The pods that a peer stands for; `undefined` where not all of them need be in the stack. */
function podsOf({ network, system }: Around, peer: PolicyPeer, own: string): readonly ReadPods[] | undefined {
  const { podSelector = {}, namespaceSelector, ipBlock } = peer;
  if (ipBlock !== undefined) return undefined;
  const namespaces = namespaceSelector === undefined ? [own] : namesOf(network, system, namespaceSelector);
  const here = namespaces.map((name) => (system.includes(name) ? undefined : network.podsIn.get(name)));
  if (here.includes(undefined)) return undefined;
  return here.flatMap((pods) => pods ?? []).filter(({ labels }) => selects(podSelector, labels));
}

/** The namespaces that a selector picks, of those that the stack or the configuration knows. */
const namesOf = ({ namespaces, podsIn }: Network, system: readonly string[], selector: LabelSelector): string[] =>
  [...new Set([...Object.keys(namespaces), ...podsIn.keys(), ...system])].filter((name) =>
    selects(selector, { ...namespaces[name], [nameLabel]: name }),
  );

const together = (found: readonly (readonly ReadPods[] | undefined)[]): readonly ReadPods[] | undefined =>
  found.includes(undefined) ? undefined : found.flatMap((pods) => pods ?? []);

function* unmatchedPeer(
  around: Around,
  { namespaceSelector, podSelector = {} }: PolicyPeer,
  pods: readonly ReadPods[] | undefined,
  path: string,
  own: string,
): Iterable<Finding> {
  if (namespaceSelector !== undefined && namesOf(around.network, around.system, namespaceSelector).length === 0) {
    mustHaveRead(around.network, ["namespace", "pods"]);
    const problem = "no namespace of the stack has the labels that it selects";
    yield { path: `${path}.namespaceSelector`, problem, fix: "Correct {path}, or the labels of the namespace." };
    return;
  }
  const where = namespaceSelector === undefined ? own : undefined;
  yield* unmatched(around, pods, podSelector, `${path}.podSelector`, where);
}

function* unmatched(
  { network, made }: Around,
  pods: readonly ReadPods[] | undefined,
  selector: LabelSelector,
  path: string,
  namespace: string | undefined,
): Iterable<Finding> {
  if (pods === undefined || pods.length > 0 || selectsAll(selector)) return;
  if (made.some((labels) => selects(selector, labels))) return;
  mustHaveRead(network, ["pods", "namespace"], namespace);
  const problem = `no workload of the stack in ${namespace ?? "those namespaces"} has the labels that it selects`;
  yield { path, problem, fix: "Correct {path}, or the labels of the pods." };
}

function* unmatchedPort(
  { objects }: Around,
  port: PolicyPort,
  pods: readonly ReadPods[] | undefined,
  path: string,
): Iterable<Finding> {
  if (port.port === undefined || pods === undefined || pods.length === 0) return;
  const has = pods.some((pod) => {
    const end = { address: "0.0.0.0", pod };
    const mayHave = typeof port.port === "number" && !declaresAll(pod);
    const sidecar = isInjected(pod.workload, objects) && isOfSidecar(port.port);
    return mayHave || sidecar || (pod.ports ?? []).some((own) => opens(port, { from: end, to: end, ...own }));
  });
  if (has) return;
  const problem = `no pod that it is about has port ${String(port.port)} over ${port.protocol ?? "TCP"}`;
  yield { path: `${path}.port`, problem, fix: "Correct {path}, or the ports of the containers." };
}

/** Whether a pod says which ports it has: it need not. */
const declaresAll = ({ workload }: ReadPods): boolean =>
  workload.containers.every(
    ({ role, value }) => role === "init" || role === "ephemeral" || list(property(value, "ports")).length > 0,
  );

/** The ports that the mesh's proxy adds (istio.io/docs/ops/deployment/application-requirements). */
const isOfSidecar = (port: number | string | undefined): boolean =>
  typeof port === "number" ? port >= 15000 && port < 15100 : port === "http-envoy-prom";
