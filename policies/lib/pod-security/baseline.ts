/** The checks of the Pod Security Standards' level baseline (k8s.io/pod-security-admission, policy). */
import { each } from "../rule.ts";
import { at, entries, isAbsent, property, text } from "../values.ts";
import {
  capabilities,
  hasOwnUsers,
  holdersOf,
  containerHolders,
  isProfile,
  procMount,
  remove,
  type SecurityCheck,
} from "./checks.ts";
import { hostChecks } from "./host.ts";

/** Capabilities that the runtimes give anyway, and NET_RAW is none of them. */
const defaultCapabilities: ReadonlySet<unknown> = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
);

const seLinuxTypes: readonly string[] = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/";

/** The checks of the level baseline: what lets a pod out of itself is forbidden. */
export const baselineChecks: readonly SecurityCheck[] = [
  ...hostChecks,
  {
    id: "appArmorProfile",
    *check(workload) {
      yield* each(holdersOf(workload), function* (holder) {
        const { who, path, context } = holder;
        const profile = property(context, "appArmorProfile");
        if (isAbsent(profile) || isProfile(property(profile, "type"))) return;
        const problem = `${who} turns AppArmor off`;
        yield { path: `${path}.appArmorProfile.type`, problem, fix: "Set {path} to RuntimeDefault, or remove it." };
      });
      const where = `${workload.metadataPath}.annotations`;
      for (const [key, value] of entries(at(workload.template, "metadata", "annotations"))) {
        const profile = text(value) ?? "";
        const keeps = ["", "runtime/default"].includes(profile) || profile.startsWith("localhost/");
        if (!key.startsWith(appArmorPrefix) || keeps) continue;
        yield {
          path: `${where}["${key}"]`,
          problem: `container "${key.slice(appArmorPrefix.length)}" turns AppArmor off`,
          fix: remove,
        };
      }
    },
  },
  {
    id: "capabilities_baseline",
    check: (workload) => capabilities(workload, defaultCapabilities),
  },
  {
    id: "privileged",
    *check(workload) {
      yield* each(containerHolders(workload), function* (holder) {
        const { who, path, context } = holder;
        if (property(context, "privileged") !== true) return;
        yield { path: `${path}.privileged`, problem: `${who} may do everything that its node may`, fix: remove };
      });
    },
  },
  { id: "procMount", check: (workload) => (hasOwnUsers(workload) ? [] : procMount(workload)) },
  {
    id: "seLinuxOptions",
    *check(workload) {
      yield* each(holdersOf(workload), function* (holder) {
        const { who, path, context } = holder;
        for (const key of ["type", "user", "role"]) {
          const value = text(at(context, "seLinuxOptions", key)) ?? "";
          if (value === "" || (key === "type" && seLinuxTypes.includes(value))) continue;
          const problem = `${who} has the SELinux ${key} ${value}, which is none of a container`;
          yield { path: `${path}.seLinuxOptions.${key}`, problem, fix: remove };
        }
      });
    },
  },
  {
    id: "seccompProfile_baseline",
    *check(workload) {
      yield* each(holdersOf(workload), function* (holder) {
        const { who, path, context } = holder;
        const profile = property(context, "seccompProfile");
        if (isAbsent(profile) || isProfile(property(profile, "type"))) return;
        const problem = `${who} turns seccomp off`;
        yield { path: `${path}.seccompProfile.type`, problem, fix: "Set {path} to RuntimeDefault." };
      });
    },
  },
  {
    id: "windowsHostProcess",
    *check(workload) {
      yield* each(holdersOf(workload), function* (holder) {
        const { who, path, context } = holder;
        if (at(context, "windowsOptions", "hostProcess") !== true) return;
        yield { path: `${path}.windowsOptions.hostProcess`, problem: `${who} is a process of its node`, fix: remove };
      });
    },
  },
];
