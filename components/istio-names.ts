/** What the parts of the mesh know each other by: no Pulumi here. */

/** How istiod reads YAML: by its version 1.1, in which a bare OFF is a boolean; lines are left as they are. */
export const goYaml = { version: "1.1", lineWidth: 0 } as const;

/** Where the control plane runs; Istio's root namespace, whose configuration holds for the whole mesh. */
export const istioNamespace = "istio-system";

/** What begins every identity of the mesh, whatever the cluster's own domain is. */
export const trustDomain = "cluster.local";

/** The revision that a release has unless it is told otherwise: objects that carry it are that istiod's. */
export const revisionOf = (release: string): string => release.replaceAll(".", "-");

/** The name of every object of the istiod of a revision. */
export const istiodName = (revision: string) => `istiod-${revision}`;

/** Where istiod listens. Its plain-text port for proxies stays shut: it is in no Service, and no policy opens it. */
export const istiodPorts = { debug: 8080, xds: 15012, monitoring: 15014, webhooks: 15017 } as const;

/** Where proxies of a revision find their configuration and their certificates. */
export const discoveryAddress = (revision: string): string =>
  `${istiodName(revision)}.${istioNamespace}.svc:${String(istiodPorts.xds)}`;

/** istiod, as edges write it; its port for proxies is called `xds`. */
export const istiodRef = `${istioNamespace}/istiod`;

/** A token that is good for istiod alone, by which it knows who asks for a certificate. */
export const tokenForIstiod = { audience: "istio-ca", expirationSeconds: 43200, path: "istio-token" };

/**
 * Where a pod's proxy answers itself: whether Envoy is ready, Envoy's statistics, and the agent, which answers for the
 * pod's probes. Nothing of it is led through Envoy.
 */
export const proxyPorts = { status: 15021, metrics: 15090, agent: 15020 } as const;
