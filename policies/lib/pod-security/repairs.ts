/** What of the level restricted can be added to a workload without a thought. */
import type { KubernetesObject } from "../object.ts";
import type { Remedy, Repair } from "../rule.ts";
import { at, isAbsent, list, property } from "../values.ts";
import { type Workload, workloadKinds, workloadOf } from "../workload.ts";
import { containerHolders, isWindows, podHolder } from "./checks.ts";

/**
 * The runtime's profile of seccomp, which leaves out calls that programs in containers do not make; and for containers
 * that are never to be root that they do not become it, by setuid. What reaches its node has its reasons, and is left
 * alone: the API server refuses some of it otherwise.
 */
export const restrictedRemedy: Remedy = {
  text: "Adds the runtime's profile of seccomp to pods without one, and `allowPrivilegeEscalation: false` to containers that run as another user than root and do not say it; pods that reach their node are left alone",
  kinds: workloadKinds,
  *repairs(object: KubernetesObject): Iterable<Repair> {
    const workload = workloadOf(object);
    if (workload === undefined || object.patch || !workload.hasContainers) return;
    if (isWindows(workload) || reachesNode(workload)) return;
    const pod = podHolder(workload);
    if (isAbsent(property(pod.context, "seccompProfile")))
      yield { path: `${pod.path}.seccompProfile`, value: { type: "RuntimeDefault" } };
    for (const { path, context } of containerHolders(workload)) {
      const notRoot = property(context, "runAsNonRoot") ?? property(pod.context, "runAsNonRoot");
      if (notRoot === true && isAbsent(property(context, "allowPrivilegeEscalation")))
        yield { path: `${path}.allowPrivilegeEscalation`, value: false };
    }
  },
};

const reachesNode = (workload: Workload): boolean =>
  ["hostNetwork", "hostPID", "hostIPC"].some((key) => property(workload.spec, key) === true) ||
  containerHolders(workload).some(
    ({ context }) =>
      property(context, "privileged") === true ||
      list(at(context, "capabilities", "add")).some((one) => one !== "NET_BIND_SERVICE"),
  );
