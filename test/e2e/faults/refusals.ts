/** Stacks that the policies refuse: the real engine says what the rules say, and nothing is created. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { mergePolicyConfigs, policyConfigSchema } from "../../../policies/lib/config.ts";
import { judge, sentenceOf } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfManifest } from "../../../policies/lib/object.ts";
import { restrictedRemedy } from "../../../policies/lib/pod-security/repairs.ts";
import { repaired } from "../../../policies/lib/remedy.ts";
import { requireRestricted } from "../../../policies/pod-security/require-restricted.ts";
import { engineConfig } from "../../../policies/lib/pack.ts";
import { packs, rules } from "../../../policies/packs.ts";
import { stackPolicies } from "../../../scripts/policy-config.ts";
import { previewOf, readEvents, type Violation } from "../../../scripts/preview-changes.ts";
import { type AttachedPack, Stack } from "../../../scripts/stack.ts";
import { amounts, app, defaultDeny, formsOf, pod, resources } from "../../policies/workloads.ts";
import { figures, kubectl, spec, state, timed } from "./context.ts";

const program = join(import.meta.dirname, "../refused");
const cluster = { kind: "embedded", name: spec.name };
/** A rule that sees the whole stack. */
const stackRule = "network-policy-require-default-deny";

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** A stack of these objects and nothing else. */
function stackOf(objects: readonly object[], packs?: readonly AttachedPack[]): Stack {
  const config = state.file("refused.yaml");
  const own = { "refused:kubeconfig": state.kubeconfig, "refused:objects": objects };
  writeFileSync(config, JSON.stringify({ config: { "quintet:cluster": cluster, ...own } }));
  return new Stack({ stack: "faults-refused", config, program, ...(packs === undefined ? {} : { packs }) });
}

const namespace = (name: string, labels: object = {}) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});

const withContainer = (own: object) => app({ resources, ...own });

/** Pods that are wrong in one thing each, and one that is right. */
const pods: Readonly<Record<string, object>> = {
  right: pod(),
  unlimited: withContainer({ resources: {} }),
  above: withContainer({ resources: { requests: { ...amounts, cpu: "1" }, limits: amounts } }),
  latest: withContainer({ image: "ghcr.io/acme/web" }),
  privileged: withContainer({ securityContext: { privileged: true } }),
  host: pod({ hostNetwork: true }),
  scratch: pod({ volumes: [{ name: "scratch", emptyDir: {} }] }),
};

/** Each of them in every form of a workload, under a name of its own. */
const cases: readonly Manifest[] = Object.entries(pods).flatMap(([what, spec]) =>
  formsOf(spec).map(([kind, object]) => {
    const metadata = { namespace: "refused", name: `${what}-${kind.toLowerCase()}` };
    const whole = { ...(object as Manifest), metadata }; // formsOf makes whole objects
    return whole;
  }),
);

/** What was found, without the description of the rule that the engine puts in front of it. */
const said = (violations: readonly Violation[]) =>
  violations.map(({ policy, message }) => `${policy}: ${message.split("\n").at(-1) ?? ""}`).sort();

test("what the engine says of a stack of bad workloads is what the rules say of its objects", async () => {
  const objects = [namespace("refused"), defaultDeny("refused"), ...cases];
  const stack = stackOf(objects);
  try {
    const { lines, exitCode } = await timed(stack.previewEvents(), "preview");
    const { violations } = previewOf(readEvents(lines), exitCode === 0);
    assert.notEqual(exitCode, 0, "the preview refused nothing");
    const settings = {
      config: stackPolicies({ "quintet:cluster": cluster }),
      today: new Date().toISOString().slice(0, 10),
    };
    const manifests = new Objects(objects.flatMap((object) => objectsOfManifest(object)));
    const verdicts = judge(rules, manifests, settings);
    const expected = verdicts.map((verdict) => `${verdict.rule}: ${sentenceOf(verdict)}`).sort();
    assert.deepEqual(said(violations), expected);
    const refused = new Set(verdicts.filter(({ level }) => level === "mandatory").map(({ object }) => object.name));
    figures.push(
      `a preview of ${String(cases.length)} workloads, ${String(refused.size)} of them bad: ${String(violations.length)} findings, the rules' own`,
    );
  } finally {
    stack.forget();
  }
});

test("a rule that is to put right what it can adds it to the stack, and refuses the rest", async () => {
  const { name } = requireRestricted;
  const securityContext = { readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } };
  const web = (of: string, own: object) => ({
    ...podOf({ ...withContainer({ securityContext }), securityContext: own }),
    metadata: { namespace: "refused", name: of },
  });
  const objects = [
    namespace("refused"),
    defaultDeny("refused"),
    web("bare", { runAsNonRoot: true }),
    web("root", { runAsNonRoot: false }),
  ];
  const added = objects.map((object) =>
    repaired(
      object,
      objectsOfManifest(object).flatMap((one) => [...restrictedRemedy.repairs(one)]),
    ),
  );
  const remediate = policyConfigSchema.parse({ rules: { [name]: { level: "remediate" } } });
  const settings = {
    config: stackPolicies({ "quintet:cluster": cluster }),
    today: new Date().toISOString().slice(0, 10),
  };
  const packs = [{ name: "platform", config: engineConfig(mergePolicyConfigs(settings.config, remediate)) }];
  const found: string[][] = [];
  const told: string[] = [];
  for (const [attached, manifests] of [
    [undefined, objects],
    [packs, added],
  ] as const) {
    const stack = stackOf(objects, attached);
    try {
      const { lines, exitCode } = await timed(stack.previewEvents(), "preview");
      const { violations, remedied } = previewOf(readEvents(lines), exitCode === 0);
      told.push(...remedied.flatMap(({ name: pod, properties }) => properties.map(({ path }) => `${pod} ${path}`)));
      const all = new Objects(manifests.flatMap((object) => objectsOfManifest(object)));
      const expected = judge([requireRestricted], all, settings).map((one) => `${name}: ${sentenceOf(one)}`);
      found.push(expected);
      assert.deepEqual(said(violations.filter(({ policy }) => policy === name)), expected.sort());
    } finally {
      stack.forget();
    }
  }
  assert.deepEqual(
    found.map((all) => all.filter((one) => one.includes("Pod refused/bare")).length),
    [2, 0],
  );
  const profile = "spec.securityContext.seccompProfile";
  const escalation = "spec.containers[0].securityContext.allowPrivilegeEscalation";
  assert.deepEqual(told.sort(), [`Pod bare ${escalation}`, `Pod bare ${profile}`, `Pod root ${profile}`]);
  assert.ok((found[1]?.length ?? 0) > 0, "nothing was left to refuse");
});

const release = { apiVersion: "helm.sh/v3", kind: "Release", metadata: { name: "web" }, name: "web", chart: "nginx" };

/** Something that is wrong in one thing, for each pack, and which of its rules has to say so of what. */
const bad: Readonly<Record<string, readonly [rule: string, named: string, objects: readonly object[]]>> = {
  access: [
    "access-disallow-wildcards",
    "Role refused/web",
    [
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "Role",
        metadata: { namespace: "refused", name: "web" },
        rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
      },
    ],
  ],
  availability: [
    "availability-disallow-blocking-budgets",
    "PodDisruptionBudget refused/web",
    [
      {
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: { namespace: "refused", name: "web" },
        spec: { maxUnavailable: 0, selector: { matchLabels: { app: "web" } } },
      },
    ],
  ],
  images: ["images-require-fixed-version", "Pod refused/web", [podOf(withContainer({ image: "ghcr.io/acme/web" }))]],
  ingress: [
    "ingress-require-tls",
    "Ingress refused/web",
    [
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "Ingress",
        metadata: { namespace: "refused", name: "web" },
        spec: {
          ingressClassName: "nginx",
          rules: [
            {
              host: "web.example",
              http: {
                paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "web", port: { number: 80 } } } }],
              },
            },
          ],
        },
      },
    ],
  ],
  // What it says of resources of AWS needs an account.
  aws: [
    "aws-disallow-aws-auth",
    "ConfigMap kube-system/aws-auth",
    [{ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "kube-system", name: "aws-auth" }, data: {} }],
  ],
  mesh: [
    "mesh-disallow-weaker-mtls",
    "PeerAuthentication refused/web",
    [
      {
        apiVersion: "security.istio.io/v1",
        kind: "PeerAuthentication",
        metadata: { namespace: "refused", name: "web" },
        spec: { mtls: { mode: "DISABLE" } },
      },
    ],
  ],
  "network-policy": [stackRule, "Namespace open", [namespace("open"), podOf(pod(), "open")]],
  objects: ["objects-disallow-helm-releases", "Release (named by Pulumi)", [release]],
  "pod-security": ["pod-security-require-baseline", "Pod refused/web", [podOf(pod({ hostPID: true }))]],
  probes: [
    "probes-require-named-ports",
    "Pod refused/web",
    [podOf(withContainer({ readinessProbe: { httpGet: { path: "/", port: "nowhere" } } }))],
  ],
  qos: ["qos-require-limits", "Pod refused/web", [podOf(withContainer({ resources: {} }))]],
};

function podOf(spec: object, namespace = "refused"): object {
  return { apiVersion: "v1", kind: "Pod", metadata: { namespace, name: "web" }, spec };
}

async function isRefused([rule, named, objects]: (typeof bad)[string]): Promise<void> {
  const stack = stackOf([namespace("refused"), defaultDeny("refused"), ...objects]);
  try {
    const { text, exitCode } = await timed(stack.capture("up", ["--yes"]), "up");
    assert.notEqual(exitCode, 0, text);
    for (const part of [rule, `${named}: `]) assert.ok(text.includes(part), `${part} is not in\n${text}`);
    const made = await kubectl("get", "namespaces", "-o", "name");
    assert.doesNotMatch(made, /namespace\/(refused|open)/, "it was created");
  } finally {
    stack.forget();
  }
}

test("a rule about the whole stack refuses it at its preview, before anything is created", async () => {
  const { sees } = rules.find(({ name }) => name === stackRule) ?? {};
  assert.equal(sees, "stack");
  await isRefused(ofPack("network-policy"));
});

test("every pack refuses a stack that is wrong in one thing, before anything is created", async () => {
  for (const { name } of packs) if (name !== "network-policy") await isRefused(ofPack(name));
});

function ofPack(name: string): (typeof bad)[string] {
  const found = bad[name];
  assert.ok(found, `nothing here is wrong by pack ${name}`);
  return found;
}
