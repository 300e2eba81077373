import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { judge } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfResource } from "../../../policies/lib/object.ts";
import { requireRestricted } from "../../../policies/pod-security/require-restricted.ts";
import { namespace, unknown } from "../network-policies.ts";
import { deployment, formsOf, saidOf } from "../workloads.ts";
import { container, harmlessVolumes, plain, restrictedCases, safePod } from "./cases.ts";

const settings = { config: policyConfigSchema.parse({}), today: "2026-11-21" };
const level = (name: string) => namespace("shop", { labels: { "pod-security.kubernetes.io/enforce": name } });
const said = (spec: object, ...objects: object[]) => saidOf([requireRestricted], [...objects, deployment(spec)]);

test.each<[string, object]>([
  ["the baseline", safePod()],
  ["what each container says itself", container({ runAsNonRoot: true, seccompProfile: { type: "Localhost" } })],
  ["NET_BIND_SERVICE", container({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } })],
  ["root with users of its own", safePod({ runAsUser: 0, runAsNonRoot: false }, { hostUsers: false })],
  ["volumes of every harmless kind", safePod({}, { volumes: [{ name: "v", emptyDir: {} }, { name: "none" }] })],
  [
    "Windows, which has none of Linux' settings",
    { ...plain, os: { name: "windows" }, securityContext: { runAsNonRoot: true } },
  ],
])("accepts %s", (_, spec) => {
  expect(said(spec)).toEqual([]);
  expect(said(spec, level("restricted"))).toEqual([]);
});

test.each(restrictedCases)("refuses %s", (_, spec, path) => {
  const messages = said(spec, level("restricted")).filter((message) => message.includes(`spec.template.spec.${path}`));
  expect(messages).toHaveLength(1);
  expect(said(spec)).toContain(messages[0]);
  for (const name of ["baseline", "privileged"]) expect(said(spec, level(name))).toEqual([]);
});

test.each(harmlessVolumes)("accepts a volume of the kind %s", (kind) => {
  expect(said(safePod({}, { volumes: [{ name: "v", [kind]: {} }] }))).toEqual([]);
});

test.each<[string, object, string]>([
  [
    "a volume",
    safePod({}, { volumes: [{ name: "v", nfs: {} }] }),
    `volume "v" is of none of the kinds ${harmlessVolumes.join(", ")}.`,
  ],
  ["root, said for the pod", safePod({ runAsNonRoot: false }), "the pod may run as root."],
  ["user 0", container({ runAsUser: 0 }), 'container "app" runs as root.'],
  [
    "no seccomp for the pod",
    safePod({ seccompProfile: { type: "Unconfined" } }),
    "the pod turns seccomp off. Set spec.template.spec.securityContext.seccompProfile.type ",
  ],
  ["no seccomp", container({ seccompProfile: { type: "Unconfined" } }), 'container "app" turns seccomp off.'],
])("says of %s what is wrong", (_, spec, message) => {
  expect(said(spec)).toContainEqual(expect.stringMatching(new RegExp(`^Deployment shop/web: ${message}`)));
});

test("asks a patch only about what it says", () => {
  const type = "kubernetes:apps/v1:DeploymentPatch";
  const saidOfPatch = (spec: object) => {
    const objects = new Objects(objectsOfResource(type, deployment(spec)));
    return judge([requireRestricted], objects, settings).map(({ path }) => path);
  };
  expect(saidOfPatch(plain)).toEqual([]);
  const wrong = { allowPrivilegeEscalation: true, seccompProfile: { type: "Unconfined" } };
  expect(saidOfPatch({ containers: [{ name: "app", securityContext: wrong }] })).toEqual([
    "spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation",
    "spec.template.spec.containers[0].securityContext.seccompProfile.type",
  ]);
});

test("says of a pod that says nothing all that is missing", () => {
  const at = "spec.template.spec";
  expect(said(plain)).toEqual([
    `Deployment shop/web: container "app" may get more rights than it starts with. Set ${at}.containers[0].securityContext.allowPrivilegeEscalation to false.`,
    `Deployment shop/web: container "app" keeps the capabilities that the runtime gives it. Set ${at}.containers[0].securityContext.capabilities.drop to ["ALL"].`,
    `Deployment shop/web: container "app" may run as root. Set ${at}.containers[0].securityContext.runAsNonRoot or ${at}.securityContext.runAsNonRoot to true.`,
    `Deployment shop/web: container "app" may make any call to the kernel. Set ${at}.containers[0].securityContext.seccompProfile.type or ${at}.securityContext.seccompProfile.type to RuntimeDefault.`,
  ]);
});

test.each(formsOf(plain))("sees %s", (kind, object) => {
  const own = saidOf([requireRestricted], [object]);
  expect(own).toHaveLength(4);
  for (const message of own) expect(message).toContain(`${kind} shop/web: `);
});

test("is undecided while a setting is not known", () => {
  expect(said(container({ allowPrivilegeEscalation: unknown }))).toEqual([
    expect.stringContaining("containers[0].securityContext.allowPrivilegeEscalation is not known until then"),
  ]);
});
