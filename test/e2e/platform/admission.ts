/** The rules in the cluster: what no preview has seen is refused there, in the same words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { kubectl as kubectlOf } from "../../../embedded/kubectl.ts";
import { rules } from "../../../policies/packs.ts";
import { deployment, metadata, pod, saidOf } from "../../policies/workloads.ts";
import { kubectl, state } from "./context.ts";

/** A Deployment that one rule alone has something against. */
const inNamespace = (namespace: string) => {
  const labels = { app: metadata.name };
  const object = deployment(pod({ volumes: [{ name: "tmp", emptyDir: {} }] }), { selector: { matchLabels: labels } });
  const template = { ...object.spec.template, metadata: { labels } };
  return { ...object, metadata: { ...metadata, namespace }, spec: { ...object.spec, template } };
};
const send = (object: object) => kubectlOf(state, ["apply", "--dry-run=server", "-f", "-"], JSON.stringify(object));

test("the API server refuses what a preview refuses, in the same words, but in exempt namespaces", async () => {
  const bad = inNamespace("backend");
  const [said = ""] = saidOf(
    rules.filter(({ cel }) => cel !== undefined),
    [bad],
  );
  const words = said.replace("Deployment backend/web: ", "");
  assert.match(words, /^volume "tmp" may fill the node/);
  await assert.rejects(send(bad), (error: Error) => error.message.includes(words));
  assert.match(await send(inNamespace("default")), /deployment.apps\/web created \(server dry run\)/);
});

test("each rule that is CEL is there, and no other", async () => {
  const names = await kubectl("get", "validatingadmissionpolicies", "-o", "jsonpath={.items[*].metadata.name}");
  for (const { name, cel } of rules) assert.equal(names.split(" ").includes(name), cel !== undefined, name);
});
