/** Tracing: Jaeger, and what the mesh tells it. */
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig } from "../../config.ts";
import { versions } from "../../versions.ts";
import { Namespace, type NamespaceArgs } from "../namespace.ts";
import { makeProgram } from "../program.ts";
import { type JaegerSpec, planJaeger, planTelemetry } from "./jaeger-plan.ts";
import { tracingNamespace } from "./names.ts";
import type { JaegerConfig } from "./schema.ts";

/** Arguments of {@link Tracing}. */
export interface TracingArgs extends JaegerSpec, Pick<NamespaceArgs, "owner" | "kubernetesMinor" | "policies"> {}

/** Jaeger, which keeps what requests went through. */
export class Tracing extends pulumi.ComponentResource {
  public constructor(name: string, args: TracingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Tracing", name, {}, opts);
    const { image, maxTraces, resources, ...owned } = args;
    const plan = planJaeger({ image, maxTraces, resources });
    const wide = { parent: this, ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }) };
    const home = new Namespace(name, { namespace: tracingNamespace, ...owned }, wide);
    makeProgram(`${name}-jaeger`, plan, { wide, home });
    this.registerOutputs({});
  }
}

/** Arguments of {@link Sampling}. */
export interface SamplingArgs extends Pick<JaegerConfig, "samplingPercent"> {
  /** What must be there before: a control plane that is ready. */
  readonly after: readonly pulumi.Resource[];
}

/** Which requests the mesh follows. Like every object of Istio it is deleted by itself, while istiod is there. */
export class Sampling extends pulumi.ComponentResource {
  /** What to come after, so that no request of a pod goes unseen. */
  public readonly ready: readonly pulumi.Resource[];

  public constructor(name: string, args: SamplingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("quintet:index:Sampling", name, {}, opts);
    const telemetry = new CustomResource(
      `${name}-telemetry`,
      { apiVersion: "telemetry.istio.io/v1", kind: "Telemetry", ...planTelemetry(args) },
      {
        parent: this,
        dependsOn: [...args.after],
        ...(opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith }),
      },
    );
    this.ready = [telemetry];
    this.registerOutputs({});
  }
}

/** Makes what keeps what requests went through; nothing where none is wanted. */
export function createTracing(
  { config, ...owned }: Pick<TracingArgs, "owner" | "kubernetesMinor" | "policies"> & { config: PlatformConfig },
  options: pulumi.ComponentResourceOptions,
): void {
  const { tracing } = config;
  if (tracing.kind === "none") return;
  const { maxTraces, resources } = tracing;
  new Tracing("tracing", { ...owned, image: versions.images.jaeger, maxTraces, resources }, options);
}
