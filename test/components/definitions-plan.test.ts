import { planDefinitions, waitFor } from "../../components/definitions-plan.ts";
import { definitions } from "../lib/stacks.ts";

test("every definition is a gate, and otherwise what it was", () => {
  for (const [index, manifest] of planDefinitions("shop", definitions).entries()) {
    const given = definitions[index];
    expect(manifest.spec).toBe(given?.spec);
    expect(manifest.metadata.labels).toEqual({ "app.kubernetes.io/name": "shop" });
    expect(manifest.metadata.name).toBe(given?.metadata.name);
    expect(manifest.metadata.annotations).toEqual({ "pulumi.com/waitFor": "condition=Established" });
  }
});

test("several conditions are one annotation", () => {
  expect(waitFor("condition=Ready")).toEqual({ "pulumi.com/waitFor": "condition=Ready" });
  expect(waitFor("condition=A", "condition=B")).toEqual({ "pulumi.com/waitFor": '["condition=A","condition=B"]' });
});
