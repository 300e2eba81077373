/** Secrets that went in are nowhere to be read. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { credentials, findPlanted, plant, planted } from "../planted.ts";
import { texts } from "../machine.ts";
import { config, kubectl, printed, stack, state } from "./context.ts";

test("twelve planted secrets show nowhere", async () => {
  assert.equal(planted, 12);
  const preview = await (async () => {
    const changed = credentials.replace(/"username":"/g, '"username":"x');
    printed.push(await plant(changed, "--stack", "e2e", "--config", config));
    try {
      return await stack().capture("preview", ["--diff"]);
    } finally {
      await plant(credentials, "--stack", "e2e", "--config", config);
    }
  })();
  assert.match(preview.text, /core\/v1:Secret: \(update\)/);
  const listed = "events,configmaps,pods,deployments,serviceaccounts,resourcequotas,networkpolicies,namespaces";
  const places: Record<string, string> = {
    state: readFileSync(stack().stateFile(), "utf8"),
    outputs: JSON.stringify(await stack().outputs()),
    "what was printed, and the command lines of every process": printed.join("\n"),
    diff: preview.text,
    events: await kubectl("get", listed, "-A", "-o", "json"),
    "files of the stack and the cluster": texts([join(stack().stateFile(), "../../../.."), state.file(".")]),
  };
  for (const [place, text] of Object.entries(places)) {
    assert.notEqual(text, "", place);
    assert.deepEqual(findPlanted(text), [], place);
  }
  // The search is not blind: where they have to be, it finds all of them.
  const secrets = await kubectl("get", "secrets", "-n", "shop-web", "-o", "json");
  assert.ok(findPlanted(secrets).length >= 8, "the pull secret holds no login");
});

test("the exported state holds no credential in the clear", () => {
  const key = /client-key-data: (\S{40})/.exec(readFileSync(state.kubeconfig, "utf8"))?.[1] ?? "";
  assert.notEqual(key, "");
  const stored = readFileSync(stack().stateFile(), "utf8");
  assert.match(stored, /backend/);
  assert.equal(stored.includes(key), false);
});
