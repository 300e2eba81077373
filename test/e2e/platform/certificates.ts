/** Certificates from the internal CA: issued, refused, renewed, and seen to end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { kubectl as kubectlOf } from "../../../embedded/kubectl.ts";
import { until } from "../../../embedded/run.ts";
import { certificatesOf, handshake, keyPairOf, leafOf } from "../certificates.ts";
import { checkFrom, figures, forwarded, kubectl, state } from "./context.ts";

/** A Certificate of the probes' namespace, from the platform's issuer. */
const certificateName = "probe.default.svc.cluster.local";
const certificate = (name: string, more: object = {}) => ({
  apiVersion: "cert-manager.io/v1",
  kind: "Certificate",
  metadata: { name, namespace: "default" },
  spec: {
    secretName: `${name}-tls`,
    dnsNames: [certificateName],
    duration: "1h", // the shortest that cert-manager allows
    renewBefore: "20m",
    privateKey: { algorithm: "ECDSA", rotationPolicy: "Always" },
    issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: "quintet" },
    ...more,
  },
});
const keyPair = async (secret: string, namespace = "default") =>
  keyPairOf(await kubectl("get", "secret", secret, "-n", namespace, "-o", "json"));
const rootCertificate = async () => (await keyPair("root-ca", "cert-manager")).chain;

/** Asks for a new certificate before its time, as `cmctl renew` does, and waits until its Secret holds it. */
async function renew(name: string, namespace: string, secret: string): Promise<number> {
  const start = performance.now();
  const serial = async () => leafOf(await keyPair(secret, namespace)).serialNumber;
  const before = await serial();
  const target = ["certificate", name, "-n", namespace];
  const { status } = JSON.parse(await kubectl("get", ...target, "-o", "json")) as {
    status: { conditions: { type: string }[] }; // cert-manager's own
  };
  const issuing = { type: "Issuing", status: "True", reason: "ManuallyTriggered", message: "by the tests" };
  const conditions = [...status.conditions.filter(({ type }) => type !== "Issuing"), issuing];
  await kubectl(
    "patch",
    ...target,
    "--subresource=status",
    "--type=merge",
    "-p",
    JSON.stringify({ status: { conditions } }),
  );
  await until(`a new certificate in ${secret}`, 60_000, async () => (await serial()) !== before, 100);
  return (performance.now() - start) / 1000;
}

test("the internal CA issues a certificate that a client accepts who trusts the root alone", async () => {
  const start = performance.now();
  await kubectlOf(state, ["apply", "-f", "-"], JSON.stringify(certificate("probe")));
  await kubectl("wait", "certificate/probe", "-n", "default", "--for=condition=Ready", "--timeout=60s");
  figures.push(`a certificate issued: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  const pair = await keyPair("probe-tls");
  const root = await rootCertificate();
  assert.equal(await handshake(pair, root, certificateName), "TLSv1.3");
  const [leaf, intermediate, ...rest] = certificatesOf(pair);
  assert.deepEqual(rest, [], "a server does not send its root");
  assert.equal(leaf?.issuer, intermediate?.subject);
  assert.equal(intermediate?.issuer, leafOf({ chain: root }).subject);
  await assert.rejects(handshake(pair, root, "other.example.com"), /altname/i);
  const stranger = (await keyPair("cert-manager-webhook-ca", "cert-manager")).chain;
  await assert.rejects(handshake(pair, stranger, certificateName), /unable to get|self-signed/i);
});

test("the webhook refuses what cannot be issued", async () => {
  const nameless = JSON.stringify(certificate("nameless", { dnsNames: [] }));
  await assert.rejects(
    kubectlOf(state, ["apply", "-f", "-"], nameless),
    /admission webhook "webhook\.cert-manager\.io" denied/,
  );
});

test("a certificate is renewed with a new key, and its Secret is good at every moment", async () => {
  const root = await rootCertificate();
  const before = await keyPair("probe-tls");
  let [looks, going] = [0, true];
  const watching = (async () => {
    while (going) {
      await handshake(await keyPair("probe-tls"), root, certificateName);
      looks += 1;
    }
  })();
  const seconds = await renew("probe", "default", "probe-tls").finally(() => (going = false));
  await watching;
  const after = await keyPair("probe-tls");
  assert.notEqual(after.key, before.key);
  await handshake(after, root, certificateName);
  figures.push(`a certificate renewed: ${seconds.toFixed(1)} s, its Secret good in all of ${String(looks)} looks`);
  assert.ok(looks > 1, `${String(looks)} looks`);
});

test("the intermediate CA is renewed, and clients notice nothing", async () => {
  const root = await rootCertificate();
  const old = await keyPair("probe-tls");
  await renew("intermediate", "cert-manager", "intermediate-ca");
  await renew("probe", "default", "probe-tls");
  const fresh = await keyPair("probe-tls");
  assert.notEqual(certificatesOf(fresh)[1]?.serialNumber, certificatesOf(old)[1]?.serialNumber);
  for (const pair of [old, fresh]) await handshake(pair, root, certificateName);
  assert.equal(await rootCertificate(), root);
});

test("when a certificate ends is a metric, which nobody reads who is not declared", async () => {
  const selector = "app.kubernetes.io/name=cert-manager,app.kubernetes.io/component=controller";
  const address = await kubectl(
    "get",
    "pods",
    "-n",
    "cert-manager",
    "-l",
    selector,
    "-o",
    "jsonpath={.items[0].status.podIP}",
  );
  const probe = await kubectl("get", "pods", "-l", "app=probe", "-o", "jsonpath={.items[0].metadata.name}");
  assert.match(await checkFrom(probe, `http://${address}:9402/metrics`), /check failed/);
  const ends = Math.floor(Date.parse(leafOf(await keyPair("probe-tls")).validTo) / 1000);
  await forwarded("cert-manager", "deployment/cert-manager", 9402, async (url) => {
    const expiry = async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = /^certmanager_certificate_expiration_timestamp_seconds\{[^}]*name="probe"[^}]*\} (\S+)$/m.exec(text);
      return Number(line?.[1]);
    };
    await until("the metric to tell of the new certificate", 30_000, async () => (await expiry()) === ends);
  });
});
