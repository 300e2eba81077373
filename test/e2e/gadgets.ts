/** Objects that no controller touches, for clusters that are an API server and nothing else. */

/** What defines them. */
export const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "gadgets.quintet.dev" },
  spec: {
    group: "quintet.dev",
    scope: "Namespaced",
    names: { plural: "gadgets", singular: "gadget", kind: "Gadget" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

/** The metadata of one in the namespace of these tests. */
export const named = (name: string) => ({ name, namespace: "shop", labels: { app: name } });
