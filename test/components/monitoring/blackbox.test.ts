import { Provider } from "@pulumi/kubernetes/provider.js";
import { certificatesSchema } from "../../../components/certificates-schema.ts";
import { graphProblems } from "../../../components/connectivity-graph.ts";
import { ingressSchema } from "../../../components/ingress-schema.ts";
import { blackboxHalf, planBlackbox } from "../../../components/monitoring/blackbox-plan.ts";
import { Blackbox } from "../../../components/monitoring/blackbox.ts";
import { type Probed, probesOf } from "../../../components/monitoring/probes.ts";
import { record } from "../../lib/record.ts";
import { facts } from "../../lib/stacks.ts";

const probed: Probed = {
  facts,
  ingress: ingressSchema.parse({ kind: "gateway", host: "shop.example", path: "/v1" }),
  certificates: certificatesSchema.parse({}),
  backend: { namespace: "store", name: "backend" },
};
const backendOf = (more: Partial<Probed> = {}) => probesOf({ ...probed, ...more }).find(({ of }) => of === "backend");
const acme = certificatesSchema.parse({
  issuer: {
    kind: "acme",
    email: "a@shop.example",
    solver: { kind: "http01", gateway: { namespace: "istio-ingress", name: "gateway" } },
  },
});
const jwt = {
  issuer: "https://login.example",
  jwks: { kind: "inline", keys: [] },
} as unknown as NonNullable<Extract<Probed["ingress"], { kind: "gateway" }>["jwt"]>; // that there is one is all that counts

test("the backend is asked by its public name, through the gateway, and by somebody who trusts our CA", () => {
  expect(backendOf()).toMatchObject({
    target: "https://gateway.istio-ingress.svc.cluster.local/v1",
    to: "istio-ingress/gateway",
    module: {
      http: {
        valid_status_codes: [200],
        headers: { Host: "shop.example" },
        tls_config: { server_name: "shop.example", ca_file: "/etc/blackbox/ca.crt" },
      },
    },
  });
});

test.each([
  ["everybody trusts the CA of an ACME server", acme, { server_name: "shop.example" }],
  [
    "whom to trust is not known of an issuer that is there already",
    certificatesSchema.parse({ issuer: { kind: "existing", name: "acme" } }),
    { server_name: "shop.example", insecure_skip_verify: true },
  ],
])("%s", (_, certificates, tls_config) => {
  expect(backendOf({ certificates })?.module).toMatchObject({ http: { tls_config } });
  expect(JSON.stringify(backendOf({ certificates }))).not.toContain("ca_file");
});

test("without an ingress the backend is asked itself, and without a token the gateway has to say no", () => {
  expect(backendOf({ ingress: { kind: "none" } })).toMatchObject({
    target: "http://backend.store.svc.cluster.local:80/",
    to: "store/backend",
  });
  const ingress = { ...ingressSchema.parse({ kind: "gateway" }), jwt } as Probed["ingress"]; // with more
  expect(backendOf({ ingress })?.module).toMatchObject({ http: { valid_status_codes: [401, 403] } });
});

test("every question is an edge, names are resolved, and each edge is there once", () => {
  const half = blackboxHalf(probesOf(probed), { closed: "every-pod" });
  const edges = (half.edges ?? []).map(({ to, port }) => `${to} ${port}`);
  expect(edges.sort()).toEqual([
    "api-server https",
    "istio-ingress/gateway https",
    "kube-system/coredns dns",
    "kube-system/coredns dns-tcp",
  ]);
  const problems = graphProblems(facts, [half]).map(([, problem]) => problem);
  expect(problems.every((problem) => problem.startsWith("there is no "))).toBe(true);
});

test("other questions are another ConfigMap, which the pod names", () => {
  const planOf = (more: Partial<Probed>) => planBlackbox({ image: "b:1", probes: probesOf({ ...probed, ...more }) });
  const [one, other] = [planOf({}), planOf({ ingress: { kind: "none" } })];
  expect(one.configMap.metadata.name).not.toBe(other.configMap.metadata.name);
  expect(one.deployment.spec.template.spec.volumes).toEqual([
    { name: "config", configMap: { name: one.configMap.metadata.name } },
  ]);
});

test.each([
  ["has the CA beside a certificate of its own", probed, true],
  ["has no certificate where it needs no CA", { ...probed, certificates: acme }, false],
])("%s", async (_, given, own) => {
  const { resources } = await record(
    () =>
      new Blackbox(
        "blackbox",
        {
          owner: "acme/quintet/test",
          kubernetesMinor: "1.36",
          policies: [],
          after: [],
          image: "b:1",
          probes: probesOf(given),
          issuing: {
            issuer: { group: "cert-manager.io", kind: "ClusterIssuer", name: "quintet" },
            days: 30,
            live: true,
            ready: [],
          },
        },
        { provider: new Provider("target", {}) },
      ),
  );
  const made = resources.filter(({ custom, type }) => custom && type.startsWith("kubernetes:"));
  expect(made.map(({ name }) => name).includes("blackbox-public-ca-certificate")).toBe(own);
  const deployment = made.find(({ name }) => name === "blackbox-deployment");
  expect(JSON.stringify(deployment?.inputs).includes('"secretName":"public-ca"')).toBe(own);
});
