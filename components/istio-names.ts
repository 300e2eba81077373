/** What the parts of the mesh know each other by: no Pulumi here. */

/** Where the control plane runs; Istio's root namespace, whose configuration holds for the whole mesh. */
export const istioNamespace = "istio-system";

/** What begins every identity of the mesh, whatever the cluster's own domain is. */
export const trustDomain = "cluster.local";

/** The revision of a release: objects that carry it are that istiod's. */
export const revisionOf = (version: string): string => version.replaceAll(".", "-");

/** The name of every object of one istiod. */
export const istiodName = (version: string) => `istiod-${revisionOf(version)}`;

/** Where istiod listens. Its plain-text port for proxies stays shut: it is in no Service, and no policy opens it. */
export const istiodPorts = { debug: 8080, xds: 15012, monitoring: 15014, webhooks: 15017 } as const;

/** Where proxies of this release find their configuration and their certificates. */
export const discoveryAddress = (version: string): string =>
  `${istiodName(version)}.${istioNamespace}.svc:${String(istiodPorts.xds)}`;

/** istiod, as edges write it; its port for proxies is called `xds`. */
export const istiodRef = `${istioNamespace}/istiod`;

/** A token that is good for istiod alone, by which it knows who asks for a certificate. */
export const tokenForIstiod = { audience: "istio-ca", expirationSeconds: 43200, path: "istio-token" };
