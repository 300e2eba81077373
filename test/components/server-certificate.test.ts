import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import { planServerCertificate } from "../../components/certificates-plan.ts";
import { ServerCertificate } from "../../components/server-certificate.ts";
import { record, valueOf } from "../lib/record.ts";

const issuer = { group: "cert-manager.io", kind: "ClusterIssuer", name: "quintet" } as const;
const dnsNames = ["shop.example.com"];

test("is one Certificate after its issuer, whose Secret is named once it is there", async () => {
  const { resources, result } = await record(() => {
    const ready = new Namespace("stands-for-the-issuer");
    const issuing = { issuer, days: 30, live: true, ready: [ready] };
    return new ServerCertificate("shop", { certificate: "shop-tls", namespace: "edge", dnsNames, issuing });
  });
  const { metadata, spec } = planServerCertificate({ name: "shop-tls", dnsNames, issuer, days: 30, live: true });
  const made = resources.filter(({ type }) => type.startsWith("kubernetes:cert-manager.io/"));
  expect(made).toMatchObject([
    {
      name: "shop-certificate",
      inputs: {
        apiVersion: "cert-manager.io/v1",
        kind: "Certificate",
        metadata: { ...metadata, namespace: "edge" },
        spec,
      },
      after: ["kubernetes:core/v1:Namespace::stands-for-the-issuer"],
    },
  ]);
  expect(made[0]).not.toHaveProperty("deletedWith");
  expect(await valueOf(result.secretName)).toBe("shop-tls");
});

test("goes with the cluster alone", async () => {
  const { resources } = await record(() => {
    const cluster = new Namespace("stands-for-the-cluster");
    const issuing = { issuer, days: undefined, live: false, ready: [] };
    new ServerCertificate(
      "shop",
      { certificate: "shop-tls", namespace: "edge", dnsNames, issuing },
      { deletedWith: cluster },
    );
  });
  const made = resources.find(({ name }) => name === "shop-certificate");
  expect(made?.deletedWith).toBe("kubernetes:core/v1:Namespace::stands-for-the-cluster");
});
