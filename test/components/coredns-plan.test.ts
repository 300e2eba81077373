import fc from "fast-check";
import { clusterHalf } from "../../components/cluster/half.ts";
import { graphOf } from "../../components/connectivity-graph.ts";
import { planPolicies } from "../../components/connectivity-policies.ts";
import { proveConnectivity } from "../../components/connectivity-prover.ts";
import { coreDnsHalf, corefile, imports, planCoreDns, replicasFor } from "../../components/coredns-plan.ts";
import type { DnsFacts, DnsSettings } from "../../components/coredns-schema.ts";
import { facts, noDns } from "../lib/stacks.ts";

const owner = "acme/quintet/dev";
const without: DnsFacts = { ...facts, brings: ["cni", "proxy"], dns: { domain: "shop.internal", settings: "none" } };
const some: DnsSettings = {
  stubDomains: { "corp.example": ["192.0.2.53", "192.0.2.54"], consul: ["198.51.100.1"] },
  upstream: ["203.0.113.1"],
};
const plan = (own: DnsFacts, settings = noDns) => planCoreDns({ facts: own, settings, owner });

test("the whole Corefile", () => {
  expect(corefile("shop.internal", some)).toBe(`.:53 {
    errors
    health {
        lameduck 5s
    }
    ready
    kubernetes shop.internal in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    prometheus :9153
    forward . 203.0.113.1 {
        max_concurrent 1000
    }
    cache 30 {
        disable success shop.internal
        disable denial shop.internal
    }
    loop
    reload
    loadbalance
}
consul:53 {
    errors
    prometheus :9153
    forward . 198.51.100.1 {
        max_concurrent 1000
    }
    cache 30
    loadbalance
}
corp.example:53 {
    errors
    prometheus :9153
    forward . 192.0.2.53 192.0.2.54 {
        max_concurrent 1000
    }
    cache 30
    loadbalance
}
`);
  expect(corefile("cluster.local", noDns)).toContain("    forward . /etc/resolv.conf {");
});

test("what an importing Corefile takes in: nothing that stands there once only, and always something", () => {
  expect(imports(noDns)).toEqual({
    "quintet.override": "# quintet:dns\n    health {\n        lameduck 5s\n    }\n",
    "quintet.server": "# quintet:dns\n",
  });
  const { "quintet.override": inside, "quintet.server": beside } = imports(some);
  expect(inside).toBe(
    "# quintet:dns\n    health {\n        lameduck 5s\n    }\n    forward . 203.0.113.1 {\n        max_concurrent 1000\n    }\n",
  );
  const whole = corefile("cluster.local", some);
  expect(whole.endsWith(beside.replace("# quintet:dns\n", ""))).toBe(true);
});

test("replicas grow with the nodes, and one may fail", () => {
  expect([0, 1, 5, 32, 33, 5000].map(replicasFor)).toEqual([2, 2, 2, 2, 3, 313]);
});

test("the DNS of others is left alone", () => {
  expect(plan({ ...facts, dns: { domain: "cluster.local", settings: "none" } })).toEqual({});
  expect(plan({ ...facts, mode: "simulated" })).toEqual({});
});

test("an add-on is told elsewhere, and only checked", () => {
  expect(Object.keys(plan({ ...facts, dns: { domain: "cluster.local", settings: "add-on" } }))).toEqual(["check"]);
});

test("a CoreDNS that imports settings gets them, replicas and their spread, and nothing else", () => {
  const { imported, installed, podDisruptionBudget } = plan(facts, some);
  const hash = imported?.deploymentPatch.spec.template.metadata.annotations["quintet.dev/dns-settings"];
  expect(hash).toMatch(/^[0-9a-f]{16}$/);
  expect(installed).toBeUndefined();
  expect(imported).toEqual({
    configMap: {
      metadata: { name: "coredns-custom", annotations: { "quintet.dev/stack": owner } },
      data: imports(some),
    },
    deploymentPatch: {
      metadata: {
        name: "coredns",
        annotations: { "pulumi.com/patchFieldManager": "quintet", "pulumi.com/patchForce": "true" },
      },
      spec: {
        replicas: 2,
        template: {
          metadata: { annotations: { "quintet.dev/dns-settings": hash } },
          spec: {
            topologySpreadConstraints: [
              {
                topologyKey: "kubernetes.io/hostname",
                whenUnsatisfiable: "DoNotSchedule",
                maxSkew: 1,
                labelSelector: { matchLabels: { "k8s-app": "kube-dns" } },
                matchLabelKeys: ["pod-template-hash"],
                nodeTaintsPolicy: "Honor",
              },
            ],
          },
        },
      },
    },
  });
  expect(podDisruptionBudget).toEqual({
    metadata: {
      name: "coredns",
      annotations: { "quintet.dev/stack": owner, "pulumi.com/waitFor": "condition=DisruptionAllowed" },
    },
    spec: { selector: { matchLabels: { "k8s-app": "kube-dns" } }, maxUnavailable: 1 },
  });
  expect(plan(facts).imported?.deploymentPatch.spec.template.metadata.annotations).not.toEqual({
    "quintet.dev/dns-settings": hash,
  });
});

test("a CoreDNS of our own is the Service that kubelets tell of, by the names that others look for", () => {
  const { installed, imported, podDisruptionBudget } = plan({ ...without, serviceCidr: "10.43.0.0/16" }, some);
  expect(imported).toBeUndefined();
  expect(podDisruptionBudget).toBeDefined();
  expect(installed?.service).toEqual({
    metadata: {
      name: "kube-dns",
      annotations: { "quintet.dev/stack": owner },
      labels: { "k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS" },
    },
    spec: {
      selector: { "k8s-app": "kube-dns" },
      clusterIP: "10.43.0.10",
      ports: [
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "dns-tcp", port: 53, protocol: "TCP" },
        { name: "metrics", port: 9153, protocol: "TCP" },
      ],
    },
  });
  const named = { ...without, dns: { ...without.dns, address: "10.43.0.53" } };
  expect(plan(named).installed?.service.spec.clusterIP).toBe("10.43.0.53");
  expect(installed?.configMap.data).toEqual({ Corefile: corefile("shop.internal", some) });
});

test("its pods may nothing but answer, are ready when they can, and are made anew with their Corefile", () => {
  const { spec } = plan(without).installed?.deployment ?? {};
  expect(spec).toMatchObject({ replicas: 2, strategy: { rollingUpdate: { maxUnavailable: 1 } } });
  const pod = spec?.template.spec;
  expect(pod).toMatchObject({
    dnsPolicy: "Default",
    priorityClassName: "system-cluster-critical",
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
  });
  expect(pod?.containers[0]).toMatchObject({
    readinessProbe: { httpGet: { path: "/ready", port: 8181 } },
    livenessProbe: { httpGet: { path: "/health", port: 8080 } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
    },
  });
  const annotations = (settings: DnsSettings) =>
    plan(without, settings).installed?.deployment.spec.template.metadata.annotations;
  expect(annotations(some)).not.toEqual(annotations(noDns));
});

test("the check asks for the Service by its full name from every node, over UDP and TCP", () => {
  const { check } = plan(without);
  const [container] = check?.spec.template.spec.containers ?? [];
  const exec = {
    command: ["podcli", "check", "tcp", "kube-dns.kube-system.svc.shop.internal.:53", "--delay=0s", "--timeout=2s"],
  };
  expect(container?.readinessProbe.exec).toEqual(exec);
  expect(container?.startupProbe.exec).toEqual(exec);
  expect(check?.spec.template.spec.tolerations).toEqual([{ operator: "Exists" }]);
});

/** The policy of CoreDNS on a cluster. */
function policyOf(own: DnsFacts, settings: DnsSettings) {
  const graph = graphOf(own, [clusterHalf(own, "workloads"), coreDnsHalf(settings, own)]);
  const policies = planPolicies(graph);
  expect(proveConnectivity(graph, policies)).toEqual([]);
  return policies.find(({ name }) => name === "allow-coredns")?.spec;
}

const dns = [
  { protocol: "TCP", port: 53 },
  { protocol: "UDP", port: 53 },
];
const api = {
  to: ["172.20.20.1/32", "172.20.20.11/32", "172.20.20.51/32"].map((cidr) => ({ ipBlock: { cidr } })),
  ports: [{ protocol: "TCP", port: 6443 }],
};

test("in a closed cluster it answers everybody, and calls the API server alone", () => {
  expect(policyOf(facts, noDns)).toEqual({
    podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ ports: dns }],
    egress: [api],
  });
});

test("it asks on where it is told to, and else wherever its nodes ask", () => {
  const { stubDomains } = some;
  const to = (...cidrs: string[]) => ({ to: cidrs.map((cidr) => ({ ipBlock: { cidr } })), ports: dns });
  const stubs = ["192.0.2.53/32", "192.0.2.54/32", "198.51.100.1/32"];
  expect(policyOf(facts, { stubDomains, upstream: [] })?.egress).toEqual([api, to(...stubs)]);
  expect(policyOf(without, some)?.egress).toEqual([api, to(...stubs, "203.0.113.1/32")]);
  expect(policyOf(without, { stubDomains, upstream: [] })?.egress).toEqual([
    { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.42.0.0/16", "10.43.0.0/16"] } }], ports: dns },
    api,
  ]);
});

test("whatever is set, the Corefile names each domain and each server once", () => {
  const label = fc.stringMatching(/^[a-z]{1,8}$/);
  const zones = fc.dictionary(label, fc.uniqueArray(fc.ipV4(), { minLength: 1, maxLength: 4 }), { maxKeys: 5 });
  fc.assert(
    fc.property(zones, (stubDomains) => {
      const text = corefile("cluster.local", { stubDomains, upstream: [] });
      const found = [...text.matchAll(/^(\S+):53 \{\n(?:.*\n)*?    forward \. (.*) \{$/gm)].map(([, zone, servers]) => [
        zone,
        servers?.split(" "),
      ]);
      expect(Object.fromEntries(found)).toEqual({ ...stubDomains, ".": ["/etc/resolv.conf"] });
      expect(found).toHaveLength(Object.keys(stubDomains).length + 1);
    }),
  );
});
