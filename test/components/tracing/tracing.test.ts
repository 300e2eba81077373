import { Provider } from "@pulumi/kubernetes/provider.js";
import { graphProblems } from "../../../components/connectivity-graph.ts";
import { extensionProvider, planJaeger, planTelemetry, tracingHalf } from "../../../components/tracing/jaeger-plan.ts";
import { Sampling, Tracing } from "../../../components/tracing/index.ts";
import { type JaegerConfig, tracingProblems, tracingSchema } from "../../../components/tracing/schema.ts";
import { record } from "../../lib/record.ts";
import { facts } from "../../lib/stacks.ts";

const written = (more: object = {}) => tracingSchema.parse({ kind: "jaeger", ...more }) as JaegerConfig;

test("requests are followed by the mesh, and without one by nobody", () => {
  expect(tracingProblems(written(), { kind: "gateway" })).toEqual([]);
  expect(tracingProblems({ kind: "none" }, { kind: "none" })).toEqual([]);
  expect(tracingProblems(written(), { kind: "none" })).toEqual([
    [["tracing", "kind"], expect.stringContaining("quintet:ingress is none")],
  ]);
});

test("proxies send spans where the Service of Jaeger is, and as many as are wanted", () => {
  const { name, zipkin } = extensionProvider("corp.internal");
  const { metadata, spec } = planJaeger({ ...written(), image: "j:1" }).service;
  expect(zipkin.service).toBe(`${metadata.name}.tracing.svc.corp.internal`);
  expect(spec.ports.map(({ port }) => port)).toContain(zipkin.port);
  expect(planTelemetry({ samplingPercent: 12.5 }).spec.tracing).toEqual([
    { providers: [{ name }], randomSamplingPercentage: 12.5 },
  ]);
});

test("Jaeger keeps so many traces in its memory, and takes them in one way alone", () => {
  const [container] = planJaeger({ ...written({ maxTraces: 300 }), image: "j:1" }).deployment.spec.template.spec
    .containers;
  expect(container?.args).toEqual(
    expect.arrayContaining(["--memory.max-traces=300", "--collector.otlp.enabled=false"]),
  );
  expect(container?.env).toContainEqual({ name: "COLLECTOR_ZIPKIN_HOST_PORT", value: ":9411" });
});

test("its edges are sound with the rest: the gateway tells it, and people ask it", () => {
  const half = tracingHalf("istio-ingress/gateway", { closed: "every-pod" });
  expect((half.edges ?? []).map(({ from, port }) => `${from} ${port}`)).toEqual([
    "istio-ingress/gateway zipkin",
    "api-server query",
  ]);
  const problems = graphProblems(facts, [half]).map(([, problem]) => problem);
  expect(problems.every((problem) => problem.startsWith("there is no "))).toBe(true);
});

test("makes Jaeger in a namespace of its own, and says to the whole mesh which requests are followed", async () => {
  const { maxTraces, resources, samplingPercent } = written();
  const { resources: all } = await record(() => {
    const opts = { provider: new Provider("target", {}) };
    const owned = { owner: "acme/quintet/test", kubernetesMinor: "1.36", policies: [] };
    new Tracing("tracing", { ...owned, image: "j:1", maxTraces, resources }, opts);
    return new Sampling("sampling", { samplingPercent, after: [] }, opts);
  });
  const made = all.filter(({ custom, type }) => custom && type.startsWith("kubernetes:"));
  expect(made.map(({ type, name }) => `${type.split(":")[2] ?? ""} ${name}`).sort()).toEqual([
    "Deployment tracing-jaeger-deployment",
    "Namespace tracing-namespace",
    "Service tracing-jaeger-service",
    "ServiceAccount tracing-jaeger-service-account",
    "Telemetry sampling-telemetry",
  ]);
  expect(made.find(({ name }) => name === "sampling-telemetry")?.inputs).toMatchObject({
    metadata: { namespace: "istio-system" },
  });
});
