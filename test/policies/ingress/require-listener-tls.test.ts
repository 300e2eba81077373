import { requireListenerTls } from "../../../policies/ingress/require-listener-tls.ts";
import { unknown } from "../../lib/unknown.ts";
import { gateway, listener } from "../ingresses.ts";
import { manifest } from "../manifests.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireListenerTls], objects);

test.each<[string, object]>([
  ["HTTPS with a certificate", listener()],
  ["plain HTTP", listener({ protocol: "HTTP", tls: undefined })],
  ["TLS that is passed through", listener({ protocol: "TLS", tls: { mode: "Passthrough" } })],
  ["an implementation's own certificate", listener({ tls: { options: { "networking.gke.io/cert": "web" } } })],
])("accepts %s", (_, one) => {
  expect(said(gateway([one]))).toEqual([]);
});

test.each<[string, object, string]>([
  [
    "HTTPS without TLS",
    { tls: undefined },
    "the listener https for HTTPS names no certificate. Name its Secret in spec.listeners[1].tls.certificateRefs",
  ],
  ["HTTPS without a certificate", { tls: { certificateRefs: [] } }, "names no certificate"],
  ["TLS without a certificate", { protocol: "TLS", tls: { mode: "Terminate" } }, "for TLS names no certificate"],
  [
    "HTTPS that is passed through",
    { tls: { mode: "Passthrough", certificateRefs: [{ name: "web" }] } },
    "a listener for HTTPS cannot pass TLS through. Set spec.listeners[1].tls.mode to Terminate, or the protocol to TLS.",
  ],
])("refuses %s", (_, change, message) => {
  expect(said(gateway([listener(), listener(change)]))).toEqual([expect.stringContaining(message)]);
});

test("pays no heed to Istio's own Gateway, and is undecided while a protocol is not known", () => {
  const servers = { spec: { listeners: [{ protocol: "HTTPS" }] } };
  expect(said(manifest("networking.istio.io/v1", "Gateway", servers))).toEqual([]);
  expect(said(gateway([listener({ protocol: unknown })]))).toEqual([expect.stringContaining("protocol is not known")]);
});
