import { requireRestricted } from "../../../policies/pod-security/require-restricted.ts";
import { namespace, unknown } from "../network-policies.ts";
import { deployment, formsOf, saidOf } from "../workloads.ts";
import { container, plain, restrictedCases, safePod } from "./cases.ts";

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
