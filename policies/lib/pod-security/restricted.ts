/** The checks of the Pod Security Standards' level restricted (k8s.io/pod-security-admission, policy). */
import { each, type Problem } from "../rule.ts";
import { at, entries, isAbsent, list, property, text } from "../values.ts";
import { baselineChecks } from "./baseline.ts";
import {
  capabilities,
  containerHolders,
  hasOwnUsers,
  type Holder,
  holdersOf,
  isProfile,
  isWindows,
  type Missing,
  podHolder,
  procMount,
  type SecurityCheck,
} from "./checks.ts";

/** What is wrong, or only missing. */
const found = (problem: Problem, isMissing: boolean): Problem | Missing =>
  isMissing ? { ...problem, missing: true } : problem;

const volumeKinds = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

/** The checks that the level restricted has beside those of baseline, or in their stead. */
export const restrictedChecks: readonly SecurityCheck[] = [
  {
    id: "allowPrivilegeEscalation",
    *check(workload) {
      if (isWindows(workload)) return;
      yield* each(containerHolders(workload), function* (holder) {
        const { who, path, context } = holder;
        const value = property(context, "allowPrivilegeEscalation");
        if (value === false) return;
        const problem = `${who} may get more rights than it starts with`;
        yield found(
          { path: `${path}.allowPrivilegeEscalation`, problem, fix: "Set {path} to false." },
          isAbsent(value),
        );
      });
    },
  },
  {
    id: "capabilities_restricted",
    instead: "capabilities_baseline",
    *check(workload) {
      if (isWindows(workload)) return;
      yield* each(containerHolders(workload), function* (holder) {
        const { who, path, context } = holder;
        const drop = at(context, "capabilities", "drop");
        if (list(drop).includes("ALL")) return;
        const problem = `${who} keeps the capabilities that the runtime gives it`;
        yield found({ path: `${path}.capabilities.drop`, problem, fix: 'Set {path} to ["ALL"].' }, isAbsent(drop));
      });
      yield* capabilities(workload, new Set(["NET_BIND_SERVICE"]));
    },
  },
  { id: "procMount_restricted", instead: "procMount", check: procMount },
  {
    id: "restrictedVolumes",
    instead: "hostPathVolumes",
    *check({ path, spec }) {
      for (const [index, volume] of list(property(spec, "volumes")).entries()) {
        const kinds = entries(volume).filter(([key, source]) => key !== "name" && !isAbsent(source));
        // One of no kind is an emptyDir to the API server.
        if (kinds.length === 0 || kinds.some(([kind]) => volumeKinds.includes(kind))) continue;
        const problem = `volume "${text(property(volume, "name")) ?? ""}" is of none of the kinds ${volumeKinds.join(", ")}`;
        yield {
          path: `${path}.volumes[${String(index)}]`,
          problem,
          fix: "Take a volume of one of those kinds at {path}.",
        };
      }
    },
  },
  {
    id: "runAsNonRoot",
    *check(workload) {
      if (hasOwnUsers(workload)) return;
      const pod = podHolder(workload);
      const ofPod = property(pod.context, "runAsNonRoot");
      const fix = "Set {path} to true.";
      if (ofPod === false) yield { path: `${pod.path}.runAsNonRoot`, problem: "the pod may run as root", fix };
      yield* each(containerHolders(workload), function* (holder) {
        const { who, path, context } = holder;
        const own = property(context, "runAsNonRoot");
        if (own === true || (isAbsent(own) && ofPod === true)) return;
        const advice = isAbsent(own) ? `Set {path} or ${pod.path}.runAsNonRoot to true.` : fix;
        yield found({ path: `${path}.runAsNonRoot`, problem: `${who} may run as root`, fix: advice }, isAbsent(own));
      });
    },
  },
  {
    id: "runAsUser",
    *check(workload) {
      if (hasOwnUsers(workload)) return;
      yield* each(holdersOf(workload), function* (holder) {
        const { who, path, context } = holder;
        if (property(context, "runAsUser") !== 0) return;
        yield { path: `${path}.runAsUser`, problem: `${who} runs as root`, fix: "Set {path} to a user above 0." };
      });
    },
  },
  {
    id: "seccompProfile_restricted",
    instead: "seccompProfile_baseline",
    *check(workload) {
      if (isWindows(workload)) return;
      const pod = podHolder(workload);
      const fix = "Set {path} to RuntimeDefault.";
      const typeOf = ({ context }: Holder) => at(context, "seccompProfile", "type");
      const ofPod = isProfile(typeOf(pod));
      if (!ofPod && !isAbsent(property(pod.context, "seccompProfile")))
        yield { path: `${pod.path}.seccompProfile.type`, problem: "the pod turns seccomp off", fix };
      yield* each(containerHolders(workload), function* (holder) {
        const says = !isAbsent(property(holder.context, "seccompProfile"));
        if (says ? isProfile(typeOf(holder)) : ofPod) return;
        const problem = says ? `${holder.who} turns seccomp off` : `${holder.who} may make any call to the kernel`;
        const advice = says ? fix : `Set {path} or ${pod.path}.seccompProfile.type to RuntimeDefault.`;
        yield found({ path: `${holder.path}.seccompProfile.type`, problem, fix: advice }, !says);
      });
    },
  },
];

/** Every check that a level asks for: restricted asks for those of baseline, too, but for some that it has stricter. */
export function checksOf(level: "baseline" | "restricted"): readonly SecurityCheck[] {
  if (level === "baseline") return baselineChecks;
  const replaced = new Set(restrictedChecks.map(({ instead }) => instead));
  return [...baselineChecks.filter(({ id }) => !replaced.has(id)), ...restrictedChecks];
}
