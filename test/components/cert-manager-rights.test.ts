import { controllerRights, injectorRights, viewerRules, webhookRights } from "../../components/cert-manager-rights.ts";
import type { Rule } from "../../components/rights.ts";

const all = {
  "the controller": controllerRights(false),
  "the controller with ACME": controllerRights(true),
  "the webhook": webhookRights("ca"),
  "the injector": injectorRights("webhook"),
};
const writes = ["create", "update", "patch", "delete"];
const about = (rules: readonly Rule[], resource: string) =>
  rules.filter(({ resources }) => resources.includes(resource));

test.each(Object.entries(all))("%s names each group, kind and verb", (_name, { cluster, namespace }) => {
  for (const { apiGroups, resources, verbs } of [...cluster, ...namespace]) {
    for (const word of [...apiGroups, ...resources, ...verbs]) expect(word).not.toContain("*");
    expect(verbs).not.toContain("deletecollection");
  }
});

test("Secrets of the whole cluster are the controller's alone", () => {
  const wide = Object.entries(all).filter(([, { cluster }]) => about(cluster, "secrets").length > 0);
  expect(wide.map(([name]) => name)).toEqual(["the controller", "the controller with ACME"]);
});

test("the webhook changes one Secret, and the injector one webhook", () => {
  const changed = about(all["the webhook"].namespace, "secrets").filter(({ verbs }) => verbs.includes("update"));
  expect(changed.map(({ resourceNames }) => resourceNames)).toEqual([["ca"]]);
  const written = all["the injector"].cluster.filter(({ verbs }) => verbs.some((verb) => writes.includes(verb)));
  expect(written).toEqual([
    {
      apiGroups: ["admissionregistration.k8s.io"],
      resources: ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"],
      resourceNames: ["webhook"],
      verbs: ["get", "update", "patch"],
    },
  ]);
});

test("pods, Services and routes are made for ACME alone", () => {
  for (const resource of ["pods", "services", "httproutes", "orders"]) {
    expect([resource, about(all["the controller"].cluster, resource)]).toEqual([resource, []]);
    expect(about(all["the controller with ACME"].cluster, resource)).not.toEqual([]);
  }
});

test("the controller approves for issuers of cert-manager's own kinds", () => {
  const [approval] = all["the controller"].cluster.filter(({ verbs }) => verbs.includes("approve"));
  expect(approval?.resourceNames).toEqual(["issuers.cert-manager.io/*", "clusterissuers.cert-manager.io/*"]);
});

test("whoever may see a namespace may see its certificates, and make none: any name could be asked for", () => {
  expect(viewerRules.flatMap(({ verbs }) => verbs)).toEqual(["get", "list", "watch"]);
});
