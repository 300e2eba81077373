/** Objects at random, of every kind beside workloads that rules in CEL are about, most of which the API server takes. */
import fc from "fast-check";
import { often } from "./any-containers.ts";

/** A manifest with what names it in the API. */
export interface AnyObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace?: string; readonly name: string };
}

const optional = <T extends object>(parts: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) =>
  fc.record<T, never>(parts, { requiredKeys: [] });
const some = <T>(item: fc.Arbitrary<T>, minLength = 0) => fc.array(item, { minLength, maxLength: 3 });
const oneOf = <T>(...all: readonly T[]) => fc.constantFrom(...all);

const verbs = some(often("get", "list", "create", "*", "escalate", "bind", "impersonate"), 1);
const resourceRule = fc
  .record({
    verbs,
    resources: some(often("pods", "configmaps", "*", "*/*", "*/scale", "serviceaccounts/token", "*/token"), 1),
    apiGroups: some(often("", "apps", "*"), 1),
    resourceNames: oneOf([], [], ["web"]),
  })
  .map(({ resourceNames, ...rule }) => (resourceNames.length === 0 ? rule : { ...rule, resourceNames }));
const urlRule = fc.record({ verbs, nonResourceURLs: some(often("/metrics", "/healthz/*", "*", "/*"), 1) });

const builtIn = { "kubernetes.io/bootstrapping": "rbac-defaults" };
const roleMetadata = fc
  .tuple(often("fuzz", "system:fuzz"), oneOf({}, {}, builtIn, { "kubernetes.io/bootstrapping": "mine" }))
  .map(([name, labels]) => ({ name, labels }));

const subject = fc.oneof(
  fc.record({
    kind: fc.constant("ServiceAccount"),
    name: oneOf("web", "default"),
    namespace: oneOf("shop", "fuzz"),
  }),
  fc.record({
    kind: oneOf("User", "Group"),
    apiGroup: fc.constant("rbac.authorization.k8s.io"),
    name: often(
      "ada",
      "default",
      "system:anonymous",
      "system:unauthenticated",
      "system:authenticated",
      "system:serviceaccounts",
      "system:serviceaccounts:shop",
      "system:masters",
    ),
  }),
);

const annotations = fc.dictionary(
  oneOf(
    "nginx.ingress.kubernetes.io/server-snippet",
    "example.com/snippets",
    "example.com/snippet-size",
    "example.com/parsnippet",
    "example.com/class",
  ),
  oneOf("", "deny all;"),
  { maxKeys: 2 },
);
const host = often("shop.example", "api.shop.example", "*.shop.example");
const ingressRule = optional({
  host,
  http: fc.constant({
    paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "web", port: { number: 80 } } } }],
  }),
});

const [certificate, options] = [
  { certificateRefs: [{ name: "web" }] },
  { options: { "example.com/certificate": "web" } },
];
const listener = oneOf<object>(
  { protocol: "HTTP" },
  { protocol: "TCP" },
  { protocol: "HTTPS" },
  { protocol: "HTTPS", tls: { mode: "Terminate", ...certificate } },
  { protocol: "HTTPS", tls: options },
  { protocol: "HTTPS", tls: { mode: "Passthrough", ...certificate } },
  { protocol: "TLS", tls: { mode: "Terminate", ...certificate } },
  { protocol: "TLS", tls: { mode: "Terminate", certificateRefs: [], ...options } },
  { protocol: "TLS", tls: { mode: "Passthrough" } },
);
const listeners = some(listener, 1).map((all) =>
  all.map((one, index) => ({ name: `l${String(index)}`, port: 8000 + index, ...one })),
);

const authorizationRule = optional({
  from: oneOf([{ source: { namespaces: ["shop"] } }], []),
  to: oneOf([{ operation: { methods: ["GET"] } }], []),
  when: oneOf([{ key: "request.headers[a]", values: ["b"] }], []),
});

const mode = optional({ mode: oneOf("STRICT", "STRICT", "PERMISSIVE", "DISABLE", "UNSET") });

const selector = oneOf<object>(
  {},
  { matchLabels: {} },
  { matchLabels: { app: "web" } },
  { matchExpressions: [] },
  { matchExpressions: [{ key: "app", operator: "Exists" }] },
);
const cidr = often("10.0.0.0/8", "0.0.0.0/0", "0.0.0.0/1", "0.0.0.0/2", "128.0.0.0/1", "::/0", "2000::/3", "2000::/4");
const peer = fc.oneof(
  fc.record({ ipBlock: fc.record({ cidr }) }),
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector: selector }),
  fc.record({ podSelector: selector, namespaceSelector: selector }),
);
const ports = oneOf([], [{ port: 443 }]);
const policyTypes = oneOf(["Ingress"], ["Egress"], ["Ingress", "Egress"], []);

type Own = object & { readonly metadata?: object };
type Kind = readonly [apiVersion: string, resource: string, namespaced: boolean, build: fc.Arbitrary<Own>];

const specOf = (spec: fc.Arbitrary<object>) => spec.map((own) => ({ spec: own }));
const rbac = "rbac.authorization.k8s.io/v1";
const bindingTo = (kind: string) =>
  fc.record({
    roleRef: fc.constant({ apiGroup: "rbac.authorization.k8s.io", kind, name: "view" }),
    subjects: some(subject),
    metadata: roleMetadata,
  });
const routeSpec = fc.record({ hostnames: some(host) }, { requiredKeys: [] });

const kinds: Readonly<Record<string, Kind>> = {
  Role: [rbac, "roles", true, fc.record({ rules: some(resourceRule), metadata: roleMetadata })],
  ClusterRole: [
    rbac,
    "clusterroles",
    false,
    fc.record(
      {
        rules: some(fc.oneof({ weight: 3, arbitrary: resourceRule }, { weight: 1, arbitrary: urlRule })),
        metadata: roleMetadata,
        aggregationRule: fc.constant({ clusterRoleSelectors: [{ matchLabels: { a: "b" } }] }),
      },
      { requiredKeys: ["rules", "metadata"] },
    ),
  ],
  RoleBinding: [rbac, "rolebindings", true, bindingTo("ClusterRole")],
  ClusterRoleBinding: [rbac, "clusterrolebindings", false, bindingTo("ClusterRole")],
  Secret: [
    "v1",
    "secrets",
    true,
    fc.record(
      {
        type: oneOf("Opaque", "kubernetes.io/service-account-token"),
        metadata: fc.constant({ annotations: { "kubernetes.io/service-account.name": "default" } }),
      },
      { requiredKeys: ["metadata"] },
    ),
  ],
  Ingress: [
    "networking.k8s.io/v1",
    "ingresses",
    true,
    fc.record({
      metadata: annotations.map((own) => ({ annotations: own })),
      spec: fc.record({ rules: some(ingressRule, 1) }),
    }),
  ],
  NetworkPolicy: [
    "networking.k8s.io/v1",
    "networkpolicies",
    true,
    specOf(
      fc.record(
        {
          podSelector: fc.constant({}),
          policyTypes,
          ingress: some(optional({ from: some(peer), ports })),
          egress: some(optional({ to: some(peer), ports })),
        },
        { requiredKeys: ["podSelector"] },
      ),
    ),
  ],
  Gateway: [
    "gateway.networking.k8s.io/v1",
    "gateways",
    true,
    specOf(fc.record({ gatewayClassName: fc.constant("istio"), listeners })),
  ],
  HTTPRoute: ["gateway.networking.k8s.io/v1", "httproutes", true, specOf(routeSpec)],
  GRPCRoute: ["gateway.networking.k8s.io/v1", "grpcroutes", true, specOf(routeSpec)],
  AuthorizationPolicy: [
    "security.istio.io/v1",
    "authorizationpolicies",
    true,
    specOf(optional({ action: oneOf("ALLOW", "ALLOW", "DENY", "AUDIT"), rules: some(authorizationRule) })),
  ],
  PeerAuthentication: [
    "security.istio.io/v1",
    "peerauthentications",
    true,
    specOf(
      fc.record(
        {
          selector: fc.constant({ matchLabels: { app: "web" } }),
          mtls: mode,
          portLevelMtls: fc.dictionary(oneOf("80", "8080", "9090"), mode, { minKeys: 1, maxKeys: 2 }),
        },
        { requiredKeys: ["selector"] },
      ),
    ),
  ],
};

/** What the API server calls a kind. */
export const resourceOf = (kind: string): string => kinds[kind]?.[1] ?? `${kind.toLowerCase()}s`;

/** Objects, in a namespace where their kind is in one. */
export const anyObjects = (namespace: string): fc.Arbitrary<AnyObject> =>
  fc.oneof(
    ...Object.entries(kinds).map(([kind, [apiVersion, , namespaced, build]]) =>
      build.map((own) => ({
        ...own,
        apiVersion,
        kind,
        metadata: { name: "fuzz", ...(namespaced ? { namespace } : {}), ...own.metadata },
      })),
    ),
  );
