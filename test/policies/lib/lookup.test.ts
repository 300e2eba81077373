import {
  byName,
  elsewhere,
  groupOf,
  isKind,
  isOwned,
  keyOf,
  Lookup,
  lookupOf,
  nameOf,
  ofKind,
  ownKey,
} from "../../../policies/lib/lookup.ts";
import { type KubernetesObject, Objects, objectsOfManifest, objectsOfResource } from "../../../policies/lib/object.ts";
import { UnknownValue } from "../../../policies/lib/unknown.ts";
import { at, text } from "../../../policies/lib/values.ts";
import { unknown } from "../../lib/unknown.ts";

/** The objects of manifests, all of one kind. */
const objectsOf = (kind: string, apiVersion: string, ...own: readonly object[]) =>
  own.flatMap((metadata) => objectsOfManifest({ apiVersion, kind, metadata }));

/** A Service with its metadata. */
function service(metadata: object): KubernetesObject {
  const [object] = objectsOf("Service", "v1", metadata);
  if (object === undefined) throw new Error("The manifest is no object.");
  return object;
}

/** What is looked up here: each Service by its label app, and by its name where it has none. */
const byApp = lookupOf<string>(
  (objects) => objects.ofKind("Service"),
  (object) => [[text(at(object.value, "metadata", "labels", "app")) ?? "", object.name]],
);
const found = (...own: readonly object[]) => byApp(new Objects(own.map(service)));

const web = { namespace: "shop", name: "web", labels: { app: "a" } };
const db = { namespace: "shop", name: "db", labels: { app: "b" } };
const canary = { namespace: "bank", name: "canary", labels: { app: "a" } };
const hidden = { namespace: "shop", name: "hidden", labels: { app: unknown } };

describe("a lookup", () => {
  test("has all that was found, by its key", () => {
    const lookup = found(web, db, canary);
    expect(lookup.at("a")).toEqual(["web", "canary"]);
    expect(lookup.at("b")).toEqual(["db"]);
    expect(lookup.at("c")).toEqual([]);
    expect(lookup.all).toEqual(["web", "canary", "db"]);
  });

  test.each<[string, readonly object[], boolean]>([
    ["nothing is there", [], true],
    ["something was found", [web], false],
    ["something could not be read", [hidden], false],
    ["both", [hidden, web], false],
  ])("where %s", (_, own, isEmpty) => {
    expect(found(...own).isEmpty).toBe(isEmpty);
  });

  test("is built once for each set of objects", () => {
    let reads = 0;
    const lookupIn = lookupOf<number>(
      ({ all }) => all,
      () => [["a", ++reads]],
    );
    const objects = new Objects([service(web), service(db)]);
    expect(lookupIn(objects).at("a")).toEqual([1, 2]);
    expect(lookupIn(objects)).toBe(lookupIn(objects));
    expect(reads).toBe(2);
    expect(lookupIn(new Objects([service(web)])).at("a")).toEqual([3]);
  });

  test("has what one object says under many keys, and nothing of one that cannot be read to its end", () => {
    const lookup = lookupOf<string>(
      ({ all }) => all,
      function* (object) {
        yield [object.name, "first"];
        yield [text(at(object.value, "metadata", "labels", "app")) ?? "", "second"];
      },
    )(new Objects([service(web), service(hidden)]));
    expect([lookup.at("web"), lookup.at("a"), lookup.at("hidden")]).toEqual([["first"], ["second"], []]);
  });

  test("does not take a defect for something that is not known", () => {
    const broken = lookupOf(
      ({ all }) => all,
      () => {
        throw new TypeError("x is not a function");
      },
    );
    expect(() => broken(new Objects([service(web)]))).toThrow("x is not a function");
  });
});

describe("what could not be read", () => {
  const said = "metadata.labels.app of Service shop/hidden is not known before the update";

  test("might be what is missing in its own namespace, and in no other", () => {
    expect(() => {
      found(web, hidden).mustHaveRead("shop");
    }).toThrow(said);
    expect(() => {
      found(web, hidden).mustHaveRead("bank");
    }).not.toThrow();
  });

  test("might be what is missing anywhere", () => {
    expect(() => {
      found(canary, hidden).mustHaveRead();
    }).toThrow(said);
  });

  test("might be in any namespace while its own is not known", () => {
    const adrift = { ...hidden, namespace: unknown };
    expect(() => {
      found(adrift).mustHaveRead("bank");
    }).toThrow("metadata.labels.app of Service hidden is not known before the update");
  });

  test("is nothing where all was read", () => {
    const lookup = found(web, db);
    expect(() => {
      lookup.mustHaveRead();
      lookup.mustHaveRead("shop");
    }).not.toThrow();
    expect(() => {
      new Lookup(new Map(), []).mustHaveRead();
    }).not.toThrow();
  });
});

describe("of another object", () => {
  test("what is read is given back", () => {
    expect(elsewhere(service(web), () => "read")).toBe("read");
  });

  test("what is not known names that other one", () => {
    let error: unknown;
    try {
      elsewhere(service(web), () => {
        throw new UnknownValue("spec.type", "encrypted");
      });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UnknownValue);
    expect(error).toMatchObject({ path: "spec.type of Service shop/web", reason: "encrypted" });
  });

  test("a defect stays what it is", () => {
    const defect = new TypeError("x is not a function");
    expect(() =>
      elsewhere(service(web), () => {
        throw defect;
      }),
    ).toThrow(defect);
  });
});

test("objects are picked by group and kind, kind by kind", () => {
  const ingresses = objectsOf("Ingress", "networking.k8s.io/v1", { name: "a" }, { name: "b" });
  const others = objectsOf("Ingress", "acme.example/v1", { name: "c" });
  const classes = objectsOf("IngressClass", "networking.k8s.io/v1beta1", { name: "d" });
  const objects = new Objects([...ingresses, ...others, ...classes, service(web)]);
  expect(ofKind("networking.k8s.io", "Ingress")(objects)).toEqual(ingresses);
  expect(ofKind("networking.k8s.io", "IngressClass", "Ingress")(objects)).toEqual([...classes, ...ingresses]);
  expect(ofKind("", "Ingress")(objects)).toEqual([]);
});

test("objects are found by namespace and name, patches among them", () => {
  const own = [web, { name: "web" }].map(service);
  const patches = objectsOfResource("kubernetes:core/v1:ServicePatch", { metadata: web });
  const lookup = byName("", "Service")(new Objects([...own, ...patches]));
  expect(lookup.at("shop/web")).toEqual([own[0], ...patches]);
  expect(lookup.at("default/web")).toEqual([own[1]]);
  expect(lookup.at("shop/db")).toEqual([]);
  expect(() => {
    byName("", "Service")(new Objects([service({ namespace: "shop", name: unknown })])).mustHaveRead("shop");
  }).toThrow("metadata.name of Service shop/(named by Pulumi) is not known before the update");
});

test("an object is of a kind by its group, and while it is no patch", () => {
  const [ingress] = objectsOf("Ingress", "networking.k8s.io/v1", web);
  const [patch] = objectsOfResource("kubernetes:networking.k8s.io/v1:IngressPatch", { metadata: web });
  if (ingress === undefined || patch === undefined) throw new Error("The manifests are no objects.");
  expect(isKind(ingress, "networking.k8s.io", "Ingress")).toBe(true);
  expect(isKind(ingress, "networking.k8s.io", "Gateway", "Ingress")).toBe(true);
  expect(isKind(ingress, "networking.k8s.io", "Gateway")).toBe(false);
  expect(isKind(ingress, "extensions", "Ingress")).toBe(false);
  expect(isKind(patch, "networking.k8s.io", "Ingress")).toBe(false);
});

test.each([
  ["v1", ""],
  ["", ""],
  ["apps/v1", "apps"],
  ["networking.k8s.io/v1", "networking.k8s.io"],
])("the group of %j is %j", (apiVersion, group) => {
  expect(groupOf({ apiVersion })).toBe(group);
});

test("a name must be known, or not be said at all", () => {
  expect(nameOf(service(web))).toBe("web");
  expect(nameOf(service({ generateName: "web-" }))).toBe("web-");
  expect(nameOf(service({}))).toBe("(named by Pulumi)");
  expect(() => nameOf(service({ name: unknown }))).toThrow("metadata.name is not known before the update");
});

test("a key is a namespace and a name", () => {
  expect(keyOf("shop", "web")).toBe("shop/web");
  expect(ownKey(service(web))).toBe("shop/web");
  expect(ownKey(service({ name: "web" }))).toBe("default/web");
  expect(() => ownKey(service({ name: "web", namespace: unknown }))).toThrow(
    "metadata.namespace is not known before the update",
  );
});

test.each<[metadata: object, owned: boolean]>([
  [{ ownerReferences: [{ kind: "Deployment", name: "web" }] }, true],
  [{ ownerReferences: null }, false],
  [{}, false],
])("one with metadata %j is kept by another: %j", (metadata, owned) => {
  expect(isOwned(service(metadata))).toBe(owned);
});
