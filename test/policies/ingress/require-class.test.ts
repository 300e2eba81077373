import { requireClass } from "../../../policies/ingress/require-class.ts";
import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { unknown } from "../../lib/unknown.ts";
import { annotated, gateway, gatewayClass, ingress, ingressClass, listener } from "../ingresses.ts";
import { clusterWide, manifest } from "../manifests.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireClass], objects);
const withClasses = (parameters: object, ...objects: object[]) =>
  saidOf([requireClass], objects, policyConfigSchema.parse({ rules: { "ingress-require-class": { parameters } } }));
const isDefault = { "ingressclass.kubernetes.io/is-default-class": "true" };
const none = { ingressClassName: undefined };

test.each<[string, object[]]>([
  ["a class of the stack", [ingress(), ingressClass("nginx"), gateway(), gatewayClass("istio")]],
  ["a class where the stack makes none", [ingress(), gateway()]],
  ["the annotation before it was a field", [annotated({ "kubernetes.io/ingress.class": "nginx" }, none)]],
  ["none where the stack has a default", [ingress(none), ingressClass("nginx", isDefault)]],
  [
    "a class where only another group's kind has that name",
    [ingress(), { ...ingressClass("alb"), apiVersion: "example.com/v1" }],
  ],
  ["a Gateway of Istio's own", [manifest("networking.istio.io/v1", "Gateway", { spec: {} })]],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each<[string, object[], string]>([
  ["no class", [ingress(none)], "it names no IngressClass. Set spec.ingressClassName"],
  ["an empty class", [gateway([listener()], { gatewayClassName: "" })], "it names no GatewayClass"],
  [
    "a Gateway without a class beside one that says to be the default, which only Ingresses have",
    [
      gateway([listener()], { gatewayClassName: undefined }),
      clusterWide("gateway.networking.k8s.io/v1", "GatewayClass", {}, { annotations: isDefault }),
    ],
    "it names no GatewayClass",
  ],
  [
    "a class of another group's kind",
    [
      ingress({ ingressClassName: "alb" }),
      ingressClass("nginx"),
      ingressClass("haproxy"),
      { ...ingressClass("alb"), apiVersion: "example.com/v1" },
    ],
    "there is no IngressClass alb, but haproxy, nginx. Correct",
  ],
  ["no class beside one that is no default", [ingress(none), ingressClass("nginx")], "it names no IngressClass"],
  [
    "another class",
    [ingress({ ingressClassName: "ngnix" }), ingressClass("nginx")],
    "there is no IngressClass ngnix, but nginx. Correct spec.ingressClassName",
  ],
  [
    "a Gateway without a class",
    [gateway([listener()], { gatewayClassName: undefined })],
    "it names no GatewayClass. Set spec.gatewayClassName",
  ],
  ["a Gateway of another class", [gateway(), gatewayClass("cilium")], "there is no GatewayClass istio, but cilium"],
])("refuses %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test("knows classes by its parameters", () => {
  expect(withClasses({ ingress: ["nginx"], gateway: ["istio"] }, ingress(), gateway())).toEqual([]);
  expect(withClasses({ ingress: ["alb"] }, ingress(), gateway())).toEqual([
    expect.stringContaining("there is no IngressClass nginx, but alb"),
  ]);
});

test("is undecided while a class is not known", () => {
  expect(said(ingress({ ingressClassName: unknown }))).toEqual([
    expect.stringContaining("ingressClassName is not known"),
  ]);
});
