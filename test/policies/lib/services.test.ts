import { type KubernetesObject, Objects, objectsOfManifest, objectsOfResource } from "../../../policies/lib/object.ts";
import { hasPort, isAlias, portsOf, services } from "../../../policies/lib/services.ts";
import { unknown } from "../../lib/unknown.ts";

const metadata = { namespace: "shop", name: "web" };

/** A Service with its spec. */
function service(spec?: object): KubernetesObject {
  const [object] = objectsOfManifest({ apiVersion: "v1", kind: "Service", metadata, spec });
  if (object === undefined) throw new Error("The manifest is no object.");
  return object;
}

test("Services are found by namespace and name, and kinds of other groups are not", () => {
  const web = service();
  const foreign = objectsOfManifest({ apiVersion: "serving.knative.dev/v1", kind: "Service", metadata });
  const other = objectsOfManifest({ apiVersion: "v1", kind: "ConfigMap", metadata });
  expect(services(new Objects([web, ...foreign, ...other])).at("shop/web")).toEqual([web]);
});

test.each<[spec: object | undefined, alias: boolean]>([
  [{ type: "ExternalName", externalName: "acme.example" }, true],
  [{ type: "ClusterIP" }, false],
  [{}, false],
  [undefined, false],
])("a Service of %j is another name for something outside: %j", (spec, alias) => {
  expect(isAlias(service(spec))).toBe(alias);
});

test("a port is read as it is said, and each by itself", () => {
  const ports = portsOf(
    service({
      ports: [
        { name: "http", port: 80, protocol: "TCP", appProtocol: "kubernetes.io/h2c" },
        { port: 53, protocol: "UDP" },
        { name: "odd", port: "8080" },
        unknown,
      ],
    }),
  );
  expect(ports).toHaveLength(4);
  expect(ports.slice(0, 3).map((read) => read())).toEqual([
    { path: "spec.ports[0]", name: "http", port: 80, protocol: "TCP", appProtocol: "kubernetes.io/h2c" },
    { path: "spec.ports[1]", name: undefined, port: 53, protocol: "UDP", appProtocol: undefined },
    { path: "spec.ports[2]", name: "odd", port: undefined, protocol: "TCP", appProtocol: undefined },
  ]);
  expect(() => ports[3]?.()).toThrow("spec.ports[3] is not known before the update");
  expect(portsOf(service())).toEqual([]);
});

const ported = service({
  ports: [
    { name: "http", port: 80 },
    { name: "81", port: 8080 },
  ],
});

test.each<[port: number | string, has: boolean]>([
  [80, true],
  [8080, true],
  ["http", true],
  ["81", true],
  [81, false],
  ["80", false],
  ["https", false],
])("a Service has port %j: %j", (port, has) => {
  expect(hasPort(ported, port)).toBe(has);
});

test("a patch may have any port, and so may another name for something outside", () => {
  const [patch] = objectsOfResource("kubernetes:core/v1:ServicePatch", { metadata });
  expect(patch && hasPort(patch, 80)).toBe(true);
  expect(hasPort(service({ type: "ExternalName" }), 80)).toBe(true);
  expect(hasPort(service({ type: "ClusterIP" }), 80)).toBe(false);
});

test("what is not known names the Service", () => {
  expect(() => isAlias(service({ type: unknown }))).toThrow(
    "spec.type of Service shop/web is not known before the update",
  );
  expect(() => hasPort(service({ ports: [{ port: unknown }] }), 80)).toThrow(
    "spec.ports[0].port of Service shop/web is not known before the update",
  );
});
