import { Provider } from "@pulumi/kubernetes/provider.js";
import { Definitions } from "../../components/definitions.ts";
import { planDefinitions } from "../../components/definitions-plan.ts";
import { record } from "../lib/record.ts";
import { definitions, meshDefinitions } from "../lib/stacks.ts";

test("every kind is made as it is planned, and is there to come after", async () => {
  const { resources, result } = await record(
    () =>
      new Definitions(
        "kinds",
        { definitions: { certManager: definitions, mesh: meshDefinitions } },
        { provider: new Provider("target", {}) },
      ),
  );
  const made = resources.filter(({ type }) => type.endsWith(":CustomResourceDefinition"));
  const planned = [...planDefinitions("cert-manager", definitions), ...planDefinitions("istio", meshDefinitions)];
  expect(made).toHaveLength(planned.length);
  expect(result.served.certManager).toHaveLength(definitions.length);
  expect(result.served.mesh).toHaveLength(meshDefinitions.length);
  for (const manifest of planned) {
    const one = made.find(({ name }) => name === `kinds-${manifest.metadata.name}`);
    expect(one).toMatchObject({ inputs: manifest, after: [], provider: "pulumi:providers:kubernetes::target" });
  }
});
