import { type Manifest, stripped } from "../../backup/objects.ts";

const metadata = {
  name: "one",
  namespace: "shop",
  uid: "u",
  resourceVersion: "5",
  generation: 3,
  creationTimestamp: "2026-11-21T12:00:00Z",
  managedFields: [],
  ownerReferences: [{ uid: "o" }],
  labels: { app: "one" },
  annotations: { note: "kept" },
};
const kept = { name: "one", namespace: "shop", labels: { app: "one" }, annotations: { note: "kept" } };
const object = (kind: string, more: object): Manifest => ({ apiVersion: "v1", kind, metadata, ...more });

test.each<[string, Manifest, object]>([
  ["data stays", object("Secret", { data: { a: "YQ==" }, type: "Opaque" }), { data: { a: "YQ==" }, type: "Opaque" }],
  ["status goes", object("Deployment", { spec: { replicas: 3 }, status: { replicas: 3 } }), { spec: { replicas: 3 } }],
  ["a namespace's finalizers go", object("Namespace", { spec: { finalizers: ["kubernetes"] } }), {}],
  ["a pod is scheduled anew", object("Pod", { spec: { nodeName: "n", containers: [] } }), { spec: { containers: [] } }],
  [
    "a Job's selector is made anew",
    object("Job", {
      spec: {
        selector: { matchLabels: { "batch.kubernetes.io/controller-uid": "x" } },
        template: {
          metadata: { labels: { app: "a", "controller-uid": "x", "batch.kubernetes.io/job-name": "one" } },
          spec: {},
        },
      },
    }),
    { spec: { template: { metadata: { labels: { app: "a" } }, spec: {} } } },
  ],
  [
    "a Job's own selector stays",
    object("Job", { spec: { manualSelector: true, selector: { matchLabels: { a: "b" } } } }),
    { spec: { manualSelector: true, selector: { matchLabels: { a: "b" } } } },
  ],
])("%s", (_, given, rest) => {
  expect(stripped(given)).toEqual({ apiVersion: "v1", kind: given.kind, metadata: kept, ...rest });
});
