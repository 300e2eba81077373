/** What a Service sends requests to says when it is ready for them. */
import { namespaceOf, titleOf } from "../lib/object.ts";
import { defineRule, each, noParameters } from "../lib/rule.ts";
import { at, entries, list, property, text } from "../lib/values.ts";
import { type Container, type Workload, workloadOf } from "../lib/workload.ts";

/** Refuses workloads behind a Service whose containers that it calls have no readiness probe. */
export const requireReadinessBehindServices = defineRule({
  name: "probes-require-readiness-behind-services",
  severity: "high",
  level: "mandatory",
  title: "A container that a Service calls has a readiness probe.",
  why: "The Service otherwise sends requests to pods that are still starting, or that answer none any more: every rollout loses some.",
  fix: "Ask what the container needs to serve, and nothing of others.",
  sees: "stack",
  notCel: "the API server is shown a workload without the Services that select it",
  parameters: noParameters,
  *check(object, { objects }) {
    const workload = workloadOf(object);
    if (workload === undefined || object.patch || !runsOn(workload)) return;
    const services = objects.inNamespace("Service", namespaceOf(object));
    yield* each(services, function* (service) {
      if (service.patch || at(service.value, "spec", "publishNotReadyAddresses") === true) return;
      const selector = entries(at(service.value, "spec", "selector"));
      if (selector.length === 0 || !selector.every(([key, value]) => workload.label(key) === text(value))) return;
      const running = workload.containers.filter(({ role }) => role === "app" || role === "sidecar");
      const called = running.filter((container) => calls(service.value, container));
      // Ports need not be declared: then it is enough that some container says it for the pod.
      const silent = called.filter((container) => !isProbed(container));
      const missing = called.length > 0 ? silent : running.some(isProbed) ? [] : running.slice(-1);
      for (const { name, path } of missing) {
        const problem = `container "${name}" has no readiness probe, and ${titleOf(service)} sends it requests as soon as it starts`;
        yield { path: `${path}.readinessProbe`, problem, fix: "Set {path}." };
      }
    });
  },
});

const isProbed = ({ value }: Container) => (property(value, "readinessProbe") ?? undefined) !== undefined;

/** Pods of Jobs come and go, and the others are restarted. */
const runsOn = ({ object, spec }: Workload) =>
  object.kind !== "Job" && object.kind !== "CronJob" && (property(spec, "restartPolicy") ?? "Always") === "Always";

/** Whether one of a Service's ports leads to a container. */
function calls(service: unknown, { value }: Container): boolean {
  const targets = list(at(service, "spec", "ports")).map((port) =>
    text(property(port, "targetPort") ?? property(port, "port")),
  );
  return list(property(value, "ports")).some((port) =>
    [text(property(port, "name")), text(property(port, "containerPort"))].some(
      (name) => name !== undefined && targets.includes(name),
    ),
  );
}
