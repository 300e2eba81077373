/** Certificates that near their end. */
import { certificateName } from "../../../../components/ingress-plan.ts";
import { gatewayNamespace } from "../../../../components/gateway-plan.ts";
import { kubectl } from "../context.ts";
import { apply, remove } from "../objects.ts";
import { cause } from "./fault.ts";

const issuer = {
  apiVersion: "cert-manager.io/v1",
  kind: "Issuer",
  metadata: { name: "mortal", namespace: "default" },
  spec: { selfSigned: {} },
};

/** It lasts for an hour, the least that there is, and is to be renewed nearly at once. */
const orphan = {
  apiVersion: "cert-manager.io/v1",
  kind: "Certificate",
  metadata: { name: "orphan", namespace: "default" },
  spec: {
    secretName: "orphan",
    dnsNames: ["orphan.example"],
    duration: "1h",
    renewBefore: "59m30s",
    privateKey: { algorithm: "ECDSA" },
    issuerRef: { kind: "Issuer", name: "mortal" },
  },
};

const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "orphan", namespace: "default" } };

/** Whoever has issued a certificate is there no more. */
export const issuerAway = cause({
  what: "a Certificate's issuer is taken away after the first issue",
  fires: [{ alertname: "CertificateExpires", exported_namespace: "default", name: "orphan" }],
  minutes: 26,
  begin: async () => {
    await apply(issuer, orphan);
    await kubectl("wait", "certificate/orphan", "-n", "default", "--for=condition=Ready", "--timeout=60s");
    await remove(issuer);
  },
  mend: () => remove(orphan, secret, issuer),
});

/** The public name's certificate lasts for two days. */
export function publicShort() {
  const target = ["certificate", certificateName, "-n", gatewayNamespace];
  let before = "";
  const last = (duration: string) =>
    kubectl("patch", ...target, "--type=merge", "-p", JSON.stringify({ spec: { duration } }));
  return cause({
    what: "the public certificate is issued for two days",
    fires: ["PublicCertificateExpires"],
    minutes: 9,
    begin: async () => {
      before = await kubectl("get", ...target, "-o", "jsonpath={.spec.duration}");
      await last("48h");
    },
    mend: async () => (before === "" ? undefined : last(before)),
  });
}
