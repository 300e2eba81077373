import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { requireDnsEgress } from "../../../policies/network-policy/require-dns-egress.ts";
import { closed, labelled, policy, unknown } from "../network-policies.ts";
import { pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireDnsEgress], [labelled(), ...objects]);
const db = { to: [{ podSelector: { matchLabels: { app: "db" } } }], ports: [{ port: 5432 }] };
const system = { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } };
const dnsPods = { namespaceSelector: system, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } };
const udp = { port: 53, protocol: "UDP" };
const calls = (...egress: object[]) => closed({ egress });

test.each<[string, object[]]>([
  ["the DNS pods", [calls(db, { to: [dnsPods], ports: [udp] })]],
  ["them on a named port", [calls(db, { to: [dnsPods], ports: [{ port: "dns", protocol: "UDP" }] })]],
  ["them beside others", [calls({ to: [...db.to, dnsPods], ports: [{ port: 5432 }, udp] })]],
  ["them on every port", [calls(db, { to: [dnsPods] })]],
  ["all of kube-system", [calls(db, { to: [{ namespaceSelector: system }], ports: [udp] })]],
  ["everybody on port 53", [calls(db, { ports: [udp] })]],
  [
    "an address that may be a DNS server's",
    [calls(db, { to: [{ ipBlock: { cidr: "169.254.20.10/32" } }], ports: [udp] })],
  ],
  ["DNS by another policy", [calls(db), policy("dns", { podSelector: {}, egress: [{ to: [dnsPods], ports: [udp] }] })]],
])("accepts who may call %s", (_, policies) => {
  expect(said(...policies)).toEqual([]);
});

test.each<[string, object[]]>([
  ["calls nobody", [closed()]],
  ["calls addresses alone", [calls({ to: [{ ipBlock: { cidr: "10.0.0.5/32" } }], ports: [{ port: 6443 }] })]],
  ["has no closed egress", [closed({ policyTypes: ["Ingress"] })]],
])("accepts who %s", (_, policies) => {
  expect(said(...policies)).toEqual([]);
});

test.each<[string, object[]]>([
  ["pods alone", [calls(db)]],
  ["DNS over TCP alone", [calls(db, { to: [dnsPods], ports: [{ port: 53 }] })]],
  ["pods and addresses", [calls({ to: [...db.to, { ipBlock: { cidr: "10.0.0.5/32" } }], ports: [{ port: 5432 }] })]],
  ["everybody over TLS", [calls({ ports: [{ port: 443 }] })]],
  ["DNS on another port", [calls(db, { to: [dnsPods], ports: [{ port: 5353, protocol: "UDP" }] })]],
  [
    "its own namespace's DNS",
    [calls(db, { to: [{ podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }], ports: [udp] })],
  ],
  ["the whole internet over TLS", [calls({ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port: 443 }] })]],
])("refuses who may call %s", (_, policies) => {
  expect(said(...policies)).toEqual([
    "Deployment shop/web: its policies let it call others, and not the DNS pods in kube-system on port 53 over UDP. Add egress to them in a policy of shop that selects spec.template.metadata.labels.",
  ]);
});

test("knows where the DNS pods are by its parameters", () => {
  const own = calls(db, { to: [{ podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }], ports: [udp] });
  const rules = { [requireDnsEgress.name]: { parameters: { dns: { namespace: "shop" } } } };
  expect(saidOf([requireDnsEgress], [labelled(), own], policyConfigSchema.parse({ rules }))).toEqual([]);
  const inSystem = [
    labelled(undefined, pod(), "web", "kube-system"),
    policy("a", { podSelector: {}, egress: [db] }, { namespace: "kube-system" }),
  ];
  expect(saidOf([requireDnsEgress], inSystem)).toEqual([]);
});

test("leaves system namespaces and nodes' networks alone", () => {
  const host = labelled({}, pod({ hostNetwork: true }), "host");
  expect(saidOf([requireDnsEgress], [host, calls(db)])).toEqual([]);
});

test("is undecided while a policy is not known", () => {
  const dns = policy("dns", { podSelector: {}, egress: [{ to: [dnsPods], ports: [{ ...udp, port: unknown }] }] });
  expect(said(calls(db), dns)).toEqual([expect.stringContaining("of NetworkPolicy shop/dns is not known until then")]);
});
