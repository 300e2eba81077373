import { disallowProxyBypass } from "../../../policies/mesh/disallow-proxy-bypass.ts";
import { unknown } from "../../lib/unknown.ts";
import { labelledForms, meshed } from "../meshes.ts";
import { deployment, pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowProxyBypass], objects);
const traffic = (word: string) => `traffic.sidecar.istio.io/${word}`;
const web = (annotations: object) => deployment(pod(), { template: { metadata: { annotations }, spec: pod() } });

test.each([
  {},
  { "sidecar.istio.io/proxyCPU": "100m" },
  { [traffic("excludeOutboundPorts")]: "" },
  { [traffic("excludeInboundPorts")]: " " },
  { [traffic("excludeInboundPorts")]: "15020, 15021,15090" },
  { [traffic("includeInboundPorts")]: "*" },
  { [traffic("includeOutboundIPRanges")]: "*" },
  { "sidecar.istio.io/interceptionMode": "TPROXY" },
])("accepts %j", (annotations) => {
  expect(said(web(annotations))).toEqual([]);
});

test.each([
  [traffic("excludeOutboundPorts"), "5432", "excludeOutboundPorts lets 5432 go past the proxy"],
  [traffic("excludeOutboundIPRanges"), "10.0.0.0/8", "excludeOutboundIPRanges lets 10.0.0.0/8 go past the proxy"],
  [traffic("excludeInboundPorts"), "8080", "excludeInboundPorts lets 8080 go past the proxy"],
  [traffic("excludeInboundPorts"), "15020,22", "excludeInboundPorts lets 15020,22 go past the proxy"],
  [traffic("excludeInterfaces"), "eth1", "excludeInterfaces lets eth1 go past the proxy"],
  [traffic("includeOutboundIPRanges"), "10.0.0.0/8", "includeOutboundIPRanges lets everything but 10.0.0.0/8 go past"],
  [traffic("includeInboundPorts"), "", "includeInboundPorts lets everything go past the proxy"],
  ["sidecar.istio.io/interceptionMode", "none", "interceptionMode NONE lets everything go past the proxy"],
  ["sidecar.istio.io/interceptionMode", "NONE", "interceptionMode NONE lets everything go past the proxy"],
])("refuses %s=%s", (key, value, message) => {
  expect(said(web({ [key]: value }))).toEqual([expect.stringContaining(message)]);
  expect(said(web({ [key]: value }))[0]).toContain(`Remove spec.template.metadata.annotations["${key}"].`);
});

test.each(labelledForms({ annotations: { [traffic("excludeOutboundPorts")]: "5432" } }, pod()))(
  "sees a %s",
  (kind, object) => {
    expect(said(object)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^${kind} shop/web: excludeOutboundPorts lets 5432 go past the proxy. Remove ([\\w.]+\\.)?metadata.annotations`,
        ),
      ),
    ]);
  },
);

test("asks nothing of what makes no pods", () => {
  expect(said(meshed)).toEqual([]);
});

test("is undecided of a value that is not known, and judges the others", () => {
  const annotations = { [traffic("excludeOutboundPorts")]: unknown, [traffic("excludeInboundPorts")]: "1" };
  expect(said(web(annotations))).toEqual([
    expect.stringContaining("is not known until then"),
    expect.stringContaining("excludeInboundPorts"),
  ]);
});
