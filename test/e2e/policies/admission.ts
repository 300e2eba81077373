/** Rules in CEL by this process and by a real API server, which is given them as policies: both must say the same. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { Scratch } from "../../../backup/scratch.ts";
import { run, until } from "../../../embedded/run.ts";
import { type AdmittedRule, manifestsOf, planAdmission } from "../../../policies/lib/cel/admission-plan.ts";
import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { judge } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfManifest } from "../../../policies/lib/object.ts";
import { rules } from "../../../policies/packs.ts";
import { ensureTools, toolPath } from "../../../toolchain/index.ts";
import { type AnyObject, anyObjects, resourceOf } from "../../lib/any-objects.ts";
import { anyWorkloads } from "../../lib/any-workloads.ts";
import { type Answer, askOf } from "./dry-run.ts";

const [count, atOnce, namespace] = [5_000, 8, "fuzz"];
const config = policyConfigSchema.parse({
  rules: {
    "images-require-allowed-registry": { parameters: { allowed: ["registry.example/team", "docker.io/library"] } },
  },
});
const plan = planAdmission(rules, config, {});
const inCel = rules.filter(({ cel }) => cel !== undefined);

/** Of the kinds that Kubernetes has not by itself. */
const definitions = ["istio-crds", "gateway-api-crds"] as const;

const folder = mkdtempSync(join(tmpdir(), "quintet-admission-e2e-"));
const cluster: { api?: Scratch; ask?: (path: string, object: object) => Promise<Answer> } = {};

before(async () => {
  await ensureTools(["etcd", "etcdctl", "kube-apiserver", "kubectl", ...definitions]);
  cluster.api = await Scratch.start({ folder: join(folder, "api") });
  cluster.ask = askOf(cluster.api.kubeconfig, atOnce);
});

after(async () => {
  await cluster.api?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const pathOf = ({ apiVersion, kind, metadata }: AnyObject) => {
  const group = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  return `${group}${metadata.namespace === undefined ? "" : `/namespaces/${namespace}`}/${resourceOf(kind)}`;
};

/** What refuses names one rule alone, so that each also warns, with few words: the server passes on 4096 characters. */
const warning = (rule: AdmittedRule, index: number) => {
  const { policy, annotations, binding } = rule;
  const expression = policy.validations.map((one) => `(${one.expression})`).join(" && ");
  const name = `w${String(index)}`;
  return manifestsOf({
    name,
    annotations,
    policy: { ...policy, validations: [{ expression, messageExpression: '"!"', reason: "Forbidden" }] },
    binding: { ...binding, policyName: name, validationActions: ["Warn"] },
  });
};

/** Advice would use up those characters. */
const refusing = ({ binding, ...rule }: AdmittedRule) =>
  manifestsOf({
    ...rule,
    binding: { ...binding, validationActions: binding.validationActions.includes("Deny") ? ["Deny"] : ["Audit"] },
  });

const named = /^Validation failed for ValidatingAdmissionPolicy 'w(\d+)' with binding '[^']+': (.*)$/s;
const refusal = /ValidatingAdmissionPolicy '([^']+)' with binding '[^']+' denied request: (.*)$/s;
const mostCharacters = 3_800;

test(
  `${String(count)} random workloads, and half as many other objects, are refused by the API server for the same rules`,
  { timeout: 1_800_000 },
  async () => {
    const { api, ask } = cluster;
    assert.ok(api !== undefined && ask !== undefined);
    const canary = {
      policy: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
        },
        validations: [{ expression: "false" }],
      },
      binding: { policyName: "canary", validationActions: ["Deny"] },
    };
    const about = (kind: string, spec: object) => ({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind,
      metadata: { name: "canary" },
      spec,
    });
    // What was there before the rules.
    const rights = { verbs: ["*"], resources: ["pods"], apiGroups: [""] };
    const wild = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "wild" },
      rules: [rights],
    };
    const objects = [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } },
      wild,
      ...plan.flatMap((rule, index) => [...refusing(rule), ...warning(rule, index)]),
      about("ValidatingAdmissionPolicy", canary.policy),
      about("ValidatingAdmissionPolicyBinding", canary.binding),
    ];
    const file = join(folder, "objects.yaml");
    writeFileSync(file, objects.map((object) => stringify(object)).join("---\n"));
    const kubectl = (...args: string[]) => run(toolPath("kubectl"), ["--kubeconfig", api.kubeconfig, ...args]);
    const items = definitions.flatMap((name) => JSON.parse(readFileSync(toolPath(name), "utf8")) as object[]);
    const kinds = join(folder, "kinds.json");
    writeFileSync(kinds, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    await kubectl("apply", "--server-side", "-f", kinds);
    await kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd", "--all");
    const said = await kubectl("apply", "-f", file);
    assert.equal(said.split("\n").filter((line) => line.endsWith(" created")).length, objects.length);
    // Policies are read by the server in the order in which they come.
    const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "canary" } };
    await until(
      "the policies to be asked",
      60_000,
      async () => (await ask(`/api/v1/namespaces/${namespace}/configmaps`, configMap)).status === 422,
    );

    await kubectl("label", "clusterrole", "wild", "team=shop");
    const more = JSON.stringify([{ op: "add", path: "/rules/-", value: rights }]);
    await assert.rejects(kubectl("patch", "clusterrole", "wild", "--type=json", "-p", more), /it allows every verb/);

    const seed = 20_261_122;
    const workloads: AnyObject[] = fc.sample(anyWorkloads(namespace), { numRuns: count, seed });
    const others = fc.sample(anyObjects(namespace), { numRuns: count / 2, seed });
    const tally = { refused: 0, admitted: 0, skipped: 0 };
    const byRule = new Map<string, number>(inCel.map(({ name }) => [name, 0]));
    const different: object[] = [];
    const skipped = new Map<string, number>();
    const queue = [...workloads, ...others].values();
    const work = async () => {
      for (const manifest of queue) {
        const { status, message, warnings } = await ask(pathOf(manifest), manifest);
        const theirs = new Set(warnings.flatMap((text) => plan[Number(named.exec(text)?.[1])]?.name ?? []));
        const [, denied, reason] = refusal.exec(message) ?? [];
        if (status !== 201 && denied === undefined) {
          tally.skipped++;
          const why = message
            .replace(/.*?(?=[a-zA-Z.]+(\[\d\])?[\w.[\]]*: )/s, "")
            .replace(/\[?\d\]?/g, "")
            .slice(0, 90);
          skipped.set(why, (skipped.get(why) ?? 0) + 1);
          continue;
        }
        tally[denied === undefined ? "admitted" : "refused"]++;
        const verdicts = judge(inCel, new Objects(objectsOfManifest(manifest)), { config, today: "2026-11-22" });
        const ours = new Set(verdicts.map(({ rule }) => rule));
        for (const rule of ours) byRule.set(rule, (byRule.get(rule) ?? 0) + 1);
        const refuses = verdicts.some(({ level }) => level === "mandatory");
        const same =
          ours.size === theirs.size &&
          [...ours].every((rule) => theirs.has(rule)) &&
          refuses === (denied !== undefined);
        const failed = verdicts.find(
          ({ undecided, message: text }) => undecided || text.startsWith("The rule itself fails"),
        );
        const broken = warnings.filter((text) => (named.exec(text)?.[2] ?? "!") !== "!");
        assert.ok(warnings.join("").length < mostCharacters, "there are more warnings than the server passes on");
        const says =
          denied === undefined || verdicts.some(({ rule, message: text }) => rule === denied && text === reason);
        if (!same || failed !== undefined || broken.length > 0 || !says)
          different.push({
            manifest,
            ours: verdicts.map(({ rule, message: text }) => `${rule}: ${text}`),
            theirs: warnings,
            status,
            message,
          });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    console.log(`Admission: ${JSON.stringify(tally)}, differences: ${String(different.length)}`);
    console.log(`Bad by rule: ${JSON.stringify(Object.fromEntries([...byRule].sort()))}`);
    console.log(
      `Skipped, since the API server's own validation refuses them: ${JSON.stringify([...skipped].sort(([, a], [, b]) => b - a).slice(0, 12))}`,
    );
    if (different.length > 0) console.log(JSON.stringify(different.slice(0, 3), null, 1));
    assert.equal(different.length, 0);
    // What nothing at random breaks has not been tried.
    const untried = [...byRule].flatMap(([name, times]) => (times === 0 ? [name] : []));
    assert.deepEqual(untried, []);
  },
);
