import {
  type KubernetesObject,
  namespaceOf,
  Objects,
  objectsOfManifest,
  objectsOfResource,
  titleOf,
} from "../../../policies/lib/object.ts";
import { at } from "../../../policies/lib/values.ts";
import { unknown } from "../../lib/unknown.ts";

const metadata = { namespace: "shop", name: "web" };

/** What an object is called by rules. */
const called = ({ apiVersion, kind, patch, prefix, name }: KubernetesObject) => [apiVersion, kind, patch, prefix, name];

test("a title has the namespace where there is one", () => {
  expect(titleOf({ kind: "Deployment", namespace: "shop", name: "web" })).toBe("Deployment shop/web");
  expect(titleOf({ kind: "Namespace", namespace: undefined, name: "shop" })).toBe("Namespace shop");
});

test.each([
  [{ metadata }, "shop"],
  [{ metadata: { name: "web" } }, "default"],
  [{ metadata: { namespace: null } }, "default"],
  [{}, "default"],
])("the namespace of %j is %s", (value, namespace) => {
  expect(namespaceOf({ value })).toBe(namespace);
});

describe("a resource", () => {
  test.each<[type: string, apiVersion: string, kind: string, patch: boolean]>([
    ["kubernetes:apps/v1:Deployment", "apps/v1", "Deployment", false],
    ["kubernetes:core/v1:Pod", "v1", "Pod", false],
    ["kubernetes:hardcore/v1:Pod", "hardcore/v1", "Pod", false],
    ["kubernetes:networking.k8s.io/v1:Ingress", "networking.k8s.io/v1", "Ingress", false],
    ["kubernetes:apps/v1:DeploymentPatch", "apps/v1", "Deployment", true],
    ["kubernetes:core/v1:ServicePatch", "v1", "Service", true],
    ["kubernetes:acme.example/v1:Patch", "acme.example/v1", "Patch", false],
    ["kubernetes:acme.example/v1:PatchSet", "acme.example/v1", "PatchSet", false],
    ["kubernetes:acme.example/v1:ImagePatchSet", "acme.example/v1", "ImagePatchSet", false],
  ])("of type %s is one object", (type, apiVersion, kind, patch) => {
    expect(objectsOfResource(type, { metadata })).toStrictEqual([
      { apiVersion, kind, patch, namespace: "shop", name: "web", prefix: "", value: { metadata } },
    ]);
  });

  test.each([
    "quintet:index:Backend",
    "pulumi:providers:kubernetes",
    "kubernetes:yaml/v2",
    "kubernetes:helm.sh/v3:Release:more",
    "kubernetes::Pod",
    "kubernetes:core/v1:",
    "kubernetes:core/v1:Pod.",
    "my-kubernetes:core/v1:Pod",
  ])("of type %s is none", (type) => {
    expect(objectsOfResource(type, { metadata })).toEqual([]);
  });

  test("of AWS goes by its module, and by the name that the program gives it", () => {
    const urn = "urn:pulumi:prod::quintet::quintet:index:Cluster$aws:ec2/launchTemplate:LaunchTemplate::nodes";
    const source = { urn, uses: { vpcId: ["urn:vpc"] } };
    const [template, ...others] = objectsOfResource("aws:ec2/launchTemplate:LaunchTemplate", { imageId: "a" }, source);
    expect(template).toStrictEqual({
      apiVersion: "aws",
      kind: "ec2:LaunchTemplate",
      namespace: undefined,
      name: "nodes",
      patch: false,
      prefix: "",
      value: { imageId: "a" },
      source,
    });
    expect(others).toEqual([]);
    const [bucket] = objectsOfResource("aws:s3/bucket:Bucket", {});
    expect(bucket).toMatchObject({ kind: "s3:Bucket", name: "(named by Pulumi)" });
    expect(bucket).not.toHaveProperty("source");
  });

  test("that is a list is its items", () => {
    const items = [{ metadata }, { metadata: { name: "db" } }];
    expect(objectsOfResource("kubernetes:core/v1:ConfigMapList", { items }).map(called)).toEqual([
      ["v1", "ConfigMap", false, "items[0].", "web"],
      ["v1", "ConfigMap", false, "items[1].", "db"],
    ]);
  });

  test("says where it was read, if that is known", () => {
    const urn = "urn:pulumi:dev::quintet::kubernetes:core/v1:Pod::web";
    expect(objectsOfResource("kubernetes:core/v1:Pod", { metadata }, { urn })[0]?.source).toEqual({ urn });
    const items = [{ metadata }];
    expect(objectsOfResource("kubernetes:core/v1:PodList", { items }, { urn })[0]?.source).toEqual({ urn });
    expect(objectsOfResource("kubernetes:core/v1:Pod", { metadata })[0]).not.toHaveProperty("source");
  });
});

describe("a manifest", () => {
  test("is one object, in the words of its own", () => {
    const manifest = { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { replicas: 2 } };
    expect(objectsOfManifest(manifest, { file: "web.yaml" })).toStrictEqual([
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        patch: false,
        namespace: "shop",
        name: "web",
        prefix: "",
        value: manifest,
        source: { file: "web.yaml" },
      },
    ]);
  });

  test.each([[undefined], [null], ["text"], [[]], [{}], [{ apiVersion: "v1" }], [{ kind: null }], [{ kind: "" }]])(
    "%j is none",
    (manifest) => {
      expect(objectsOfManifest(manifest)).toEqual([]);
    },
  );

  test("need not say its version", () => {
    expect(objectsOfManifest({ kind: "Pod", metadata }).map(called)).toEqual([["", "Pod", false, "", "web"]]);
  });

  test("whose kind ends in Patch is of that kind", () => {
    const manifest = { apiVersion: "acme.example/v1", kind: "ImagePatch", metadata };
    expect(objectsOfManifest(manifest).map(called)).toEqual([["acme.example/v1", "ImagePatch", false, "", "web"]]);
  });

  test("that is a list is its items, which may say their own kind, and be lists themselves", () => {
    const manifest = {
      apiVersion: "v1",
      kind: "List",
      items: [
        { apiVersion: "apps/v1", kind: "Deployment", metadata },
        { metadata: { name: "of no kind" } },
        {
          apiVersion: "gateway.example/v1",
          kind: "ListenerList",
          items: [{ metadata: { name: "a" } }, { apiVersion: "v1", kind: "Service", metadata: { name: "b" } }],
        },
        null,
      ],
    };
    expect(objectsOfManifest(manifest).map(called)).toEqual([
      ["apps/v1", "Deployment", false, "items[0].", "web"],
      ["gateway.example/v1", "Listener", false, "items[2].items[0].", "a"],
      ["v1", "Service", false, "items[2].items[1].", "b"],
    ]);
  });

  test("with items that are no list of objects is an object itself", () => {
    expect(objectsOfManifest({ kind: "ConfigMap", metadata, items: [{ kind: "Pod" }] }).map(called)).toEqual([
      ["", "ConfigMap", false, "", "web"],
    ]);
    expect(objectsOfManifest({ kind: "ListOfPods", metadata, items: [{ kind: "Pod" }] }).map(called)).toEqual([
      ["", "ListOfPods", false, "", "web"],
    ]);
    expect(objectsOfManifest({ kind: "AccessList", metadata, items: { a: 1 } }).map(called)).toEqual([
      ["", "AccessList", false, "", "web"],
    ]);
  });

  test.each<[own: object, name: string]>([
    [{ name: "web" }, "web"],
    [{ name: "web", generateName: "db-" }, "web"],
    [{ generateName: "web-" }, "web-"],
    [{ name: unknown, generateName: "web-" }, "web-"],
    [{ name: unknown }, "(named by Pulumi)"],
    [{}, "(named by Pulumi)"],
  ])("with metadata %j is called %s", (own, name) => {
    expect(objectsOfManifest({ kind: "Pod", metadata: own })[0]?.name).toBe(name);
  });

  test("says no namespace that is not known, and its value may not be read there", () => {
    const [object] = objectsOfManifest({ kind: "Pod", metadata: { name: "web", namespace: unknown } });
    expect(object).toMatchObject({ namespace: undefined, name: "web" });
    expect(at(object?.value, "metadata", "name")).toBe("web");
    expect(() => at(object?.value, "metadata", "namespace")).toThrow(
      "metadata.namespace is not known before the update",
    );
  });
});

describe("objects that are judged together", () => {
  const one = (kind: string, own: object) => objectsOfManifest({ apiVersion: "v1", kind, metadata: own });
  const web = one("Pod", { namespace: "shop", name: "web" });
  const plain = one("Pod", { name: "plain" });
  const nowhere = one("Pod", { namespace: unknown, name: "nowhere" });
  const secret = one("Secret", { namespace: "shop", name: "web" });
  const patch = objectsOfResource("kubernetes:core/v1:PodPatch", { metadata });
  const objects = new Objects([...patch, ...web, ...plain, ...nowhere, ...secret]);

  test("are found by their kind, patches among them", () => {
    expect(objects.all).toEqual([...patch, ...web, ...plain, ...nowhere, ...secret]);
    expect(objects.ofKind("Pod")).toEqual([...patch, ...web, ...plain, ...nowhere]);
    expect(objects.ofKind("Secret")).toEqual(secret);
    expect(objects.ofKind("ConfigMap")).toEqual([]);
  });

  test("are found by their namespace, where that is known", () => {
    expect(objects.inNamespace("Pod", "shop")).toEqual([...patch, ...web]);
    expect(objects.inNamespace("Pod", "default")).toEqual(plain);
    expect(objects.inNamespace("Pod", "bank")).toEqual([]);
    expect(objects.inNamespace("ConfigMap", "shop")).toEqual([]);
  });

  test("are found by their name, the first of several and no patch", () => {
    const other = one("Pod", { namespace: "bank", name: "web" });
    expect(objects.named("Pod", "web")).toBe(web[0]);
    expect(new Objects([...other, ...web]).named("Pod", "web")).toBe(other[0]);
    expect(new Objects(patch).named("Pod", "web")).toBeUndefined();
    expect(objects.named("Pod", "db")).toBeUndefined();
    expect(objects.named("ConfigMap", "web")).toBeUndefined();
  });
});
