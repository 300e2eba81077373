/** The Pod Security Standards, as k8s.io/pod-security-admission decides them in their newest version (v1.35 and later). */
import { each, type Finding, type Problem } from "../rule.ts";
import { at, isAbsent, list, property, text } from "../values.ts";
import type { Workload } from "../workload.ts";

/** What is found where something is not said, which a patch need not say either. */
export interface Missing extends Problem {
  readonly missing: true;
}

/** One check of the standards, under the name that Kubernetes gives it. */
export interface SecurityCheck {
  readonly id: string;
  /** The check of the level below that it stands in for. */
  readonly instead?: string;
  readonly check: (workload: Workload) => Iterable<Finding>;
}

/** The pod, or one of its containers, with what it says of its security. */
export interface Holder {
  readonly who: string;
  /** The path of its securityContext. */
  readonly path: string;
  readonly context: unknown;
}

/** The pod as the holder of what holds for all of its containers. */
export const podHolder = ({ path, spec }: Workload): Holder => ({
  who: "the pod",
  path: `${path}.securityContext`,
  get context() {
    return property(spec, "securityContext");
  },
});

/** The holders of a workload's containers, those to look inside among them. */
export const containerHolders = ({ containers }: Workload): Holder[] =>
  containers.map(({ name, path, value }) => ({
    who: `container "${name}"`,
    path: `${path}.securityContext`,
    get context() {
      return property(value, "securityContext");
    },
  }));

/** The pod and its containers. */
export const holdersOf = (workload: Workload): Holder[] => [podHolder(workload), ...containerHolders(workload)];

/** Whether root in the pod is somebody else on the node, so that it is let be root (KEP-127). */
export const hasOwnUsers = ({ spec }: Workload): boolean => property(spec, "hostUsers") === false;

/** Whether the pod is for Windows, where Linux' settings do not exist. */
export const isWindows = ({ spec }: Workload): boolean => at(spec, "os", "name") === "windows";

/** Whether a profile of seccomp or AppArmor is one that protects. */
export const isProfile = (type: unknown): boolean => type === "RuntimeDefault" || type === "Localhost";

/** What to do about what is not to be there. */
export const remove = "Remove {path}.";

/** Containers that see all of /proc. */
export function* procMount(workload: Workload): Iterable<Finding> {
  yield* each(containerHolders(workload), function* (holder) {
    const { who, path, context } = holder;
    const mount = property(context, "procMount");
    if (isAbsent(mount) || mount === "Default") return;
    yield { path: `${path}.procMount`, problem: `${who} sees all of /proc, which is masked otherwise`, fix: remove };
  });
}

/** Capabilities that containers add beyond some. */
export function* capabilities(workload: Workload, allowed: ReadonlySet<unknown>): Iterable<Finding> {
  yield* each(containerHolders(workload), function* (holder) {
    const { who, path, context } = holder;
    for (const [index, one] of list(at(context, "capabilities", "add")).entries()) {
      if (allowed.has(one)) continue;
      const problem = `${who} adds the capability ${String(text(one))}`;
      yield { path: `${path}.capabilities.add[${String(index)}]`, problem, fix: remove };
    }
  });
}
