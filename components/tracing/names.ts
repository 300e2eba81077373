/** What the parts of the tracing know each other by: no Pulumi here. */

/** Where Jaeger runs. */
export const tracingNamespace = "tracing";

/** Where it listens: for spans as Zipkin writes them, for who searches, and for what it says of itself. */
export const jaegerPorts = { zipkin: 9411, query: 16686, admin: 14269 } as const;

/** What tells its pods from all others. */
export const jaegerLabels = { "app.kubernetes.io/name": "jaeger" } as const;

/** How edges write it. */
export const jaegerRef = `${tracingNamespace}/jaeger`;

/** How the mesh's configuration calls whom spans are sent to. */
export const tracingProvider = "jaeger";
