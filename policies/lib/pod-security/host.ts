/** The checks of the Pod Security Standards' level baseline that keep a pod from sharing what is its node's. */
import { each } from "../rule.ts";
import { at, isAbsent, list, property, text } from "../values.ts";
import { podHolder, remove, type SecurityCheck } from "./checks.ts";

/** Kernel settings that are the pod's own and touch no other. */
const safeSysctls: ReadonlySet<unknown> = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
]);

const handlers = ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"];

/** Namespaces, folders, ports, addresses and kernel settings of the node. */
export const hostChecks: readonly SecurityCheck[] = [
  {
    id: "hostNamespaces",
    *check({ path, spec }) {
      for (const key of ["hostNetwork", "hostPID", "hostIPC"]) {
        if (property(spec, key) !== true) continue;
        const problem = `the pod shares its node's ${key.slice(4).toLowerCase()}`;
        yield { path: `${path}.${key}`, problem, fix: remove };
      }
    },
  },
  {
    id: "hostPathVolumes",
    *check({ path, spec }) {
      for (const [index, volume] of list(property(spec, "volumes")).entries()) {
        if (isAbsent(property(volume, "hostPath"))) continue;
        const problem = `volume "${text(property(volume, "name")) ?? ""}" is a folder of the node`;
        yield {
          path: `${path}.volumes[${String(index)}].hostPath`,
          problem,
          fix: "Take a volume of another kind than {path}.",
        };
      }
    },
  },
  {
    id: "hostPorts",
    *check({ containers }) {
      yield* each(containers, function* (container) {
        const { name, path, value } = container;
        for (const [index, port] of list(property(value, "ports")).entries()) {
          const hostPort = property(port, "hostPort");
          if (isAbsent(hostPort) || hostPort === 0) continue;
          const problem = `container "${name}" takes a port of its node`;
          yield {
            path: `${path}.ports[${String(index)}].hostPort`,
            problem,
            fix: "Remove {path}, and make a Service.",
          };
        }
      });
    },
  },
  {
    id: "hostProbesAndHostLifecycle",
    *check({ containers }) {
      yield* each(containers, function* (container) {
        const { name, path, value } = container;
        for (const handler of handlers) {
          for (const how of ["httpGet", "tcpSocket"]) {
            const host = at(value, ...handler.split("."), how, "host");
            if (isAbsent(host) || host === "") continue;
            const problem = `container "${name}" has its node call ${String(text(host))}, which the pod need not be able to`;
            yield { path: `${path}.${handler}.${how}.host`, problem, fix: remove };
          }
        }
      });
    },
  },
  {
    id: "sysctls",
    *check(workload) {
      const { path, context } = podHolder(workload);
      for (const [index, sysctl] of list(property(context, "sysctls")).entries()) {
        const name = property(sysctl, "name");
        if (safeSysctls.has(name)) continue;
        const problem = `the pod sets ${String(text(name))}, which other pods of the node may feel`;
        yield { path: `${path}.sysctls[${String(index)}]`, problem, fix: remove };
      }
    },
  },
];
