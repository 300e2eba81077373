import { requireRestricted } from "../../../policies/pod-security/require-restricted.ts";
import { restrictedRemedy } from "../../../policies/lib/pod-security/repairs.ts";
import { repaired } from "../../../policies/lib/remedy.ts";
import { objectsOfManifest } from "../../../policies/lib/object.ts";
import { deployment, formsOf, pod, saidOf } from "../workloads.ts";

const repairs = (manifest: object) =>
  objectsOfManifest(manifest).flatMap((object) =>
    [...restrictedRemedy.repairs(object)].map(({ path, value }) => [path, value]),
  );
const container = { name: "app", image: "ghcr.io/acme/web:1.0.0" };
const bare = (own: object = {}) => ({ containers: [container], ...own });
const web = (own: object = {}) => deployment(bare(own));
const profile = { type: "RuntimeDefault" };
const [place, ofPod] = ["spec.template.spec", ["spec.template.spec.securityContext.seccompProfile", profile]];
const ofContainer = (index: number) => [
  `${place}.containers[${String(index)}].securityContext.allowPrivilegeEscalation`,
  false,
];

test("a pod that says nothing gets the runtime's profile, in every form", () => {
  for (const [kind, object] of formsOf(bare())) {
    expect([kind, repairs(object)]).toEqual([
      kind,
      [[expect.stringMatching(/securityContext\.seccompProfile$/), profile]],
    ]);
  }
});

test.each<[string, object, unknown[]]>([
  ["has a profile", { securityContext: { seccompProfile: { type: "Unconfined" } } }, []],
  ["is never root", { securityContext: { runAsNonRoot: true } }, [ofPod, ofContainer(0)]],
  ["may be root", { securityContext: { runAsNonRoot: false } }, [ofPod]],
  [
    "has a container that is never root",
    {
      containers: [
        { ...container, securityContext: { runAsNonRoot: true } },
        { ...container, name: "b" },
      ],
    },
    [ofPod, ofContainer(0)],
  ],
  [
    "has a container that may be root",
    {
      securityContext: { runAsNonRoot: true },
      containers: [{ ...container, securityContext: { runAsNonRoot: false } }],
    },
    [ofPod],
  ],
  [
    "has a container that says it",
    {
      securityContext: { runAsNonRoot: true },
      containers: [{ ...container, securityContext: { allowPrivilegeEscalation: true } }],
    },
    [ofPod],
  ],
  [
    "has one that binds low ports",
    { containers: [{ ...container, securityContext: { capabilities: { add: ["NET_BIND_SERVICE"] } } }] },
    [ofPod],
  ],
  ["is in its node's network", { hostNetwork: true }, []],
  ["sees its node's processes", { hostPID: true }, []],
  ["shares its node's memory", { hostIPC: true }, []],
  ["says that it does none of it", { hostNetwork: false, hostPID: false, hostIPC: false }, [ofPod]],
  ["is for Windows", { os: { name: "windows" } }, []],
  ["has a privileged container", { containers: [{ ...container, securityContext: { privileged: true } }] }, []],
  [
    "has a container with more rights",
    { initContainers: [{ ...container, securityContext: { capabilities: { add: ["NET_ADMIN"] } } }] },
    [],
  ],
])("a pod that %s", (_, own, expected) => {
  expect(repairs(web(own))).toEqual(expected);
});

test("nothing is added to what makes no pods, to a patch, and to what has no containers", () => {
  expect(repairs({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "web" } })).toEqual([]);
  expect(repairs(deployment({}))).toEqual([]);
  const patches = objectsOfManifest(web()).map((object) => ({ ...object, patch: true }));
  expect(patches.flatMap((object) => [...restrictedRemedy.repairs(object)])).toEqual([]);
});

test("what is added is what the rule asks for", () => {
  const own = { runAsNonRoot: true, capabilities: { drop: ["ALL"] } };
  const written = deployment(pod({ securityContext: {}, containers: [{ ...container, securityContext: own }] }));
  expect(saidOf([requireRestricted], [written])).toHaveLength(2);
  const [object] = objectsOfManifest(written);
  const after = repaired(written, object === undefined ? [] : [...restrictedRemedy.repairs(object)]);
  expect(saidOf([requireRestricted], [after])).toEqual([]);
});
