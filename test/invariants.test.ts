import { createPlatform } from "../platform.ts";
import { record } from "./lib/record.ts";
import { plantedSecret, stackConfig, stacks } from "./lib/stacks.ts";

describe.each(stacks)("stack %s", (stack) => {
  const run = async (preview: boolean) =>
    (await record(() => createPlatform(stackConfig(stack)), { preview })).resources;

  test("makes resources", async () => {
    expect((await run(false)).length).toBeGreaterThan(0);
  });

  test("every resource of a provider has a component as its parent", async () => {
    const orphans = (await run(false)).filter(({ custom, urn }) => custom && !urn.includes("$"));
    expect(orphans).toEqual([]);
  });

  test("every Kubernetes resource has an explicit provider", async () => {
    const bare = (await run(false)).filter(
      ({ type, provider }) => type.startsWith("kubernetes:") && provider === undefined,
    );
    expect(bare).toEqual([]);
  });

  test("no two registrations share a URN", async () => {
    const urns = (await run(false)).map(({ urn }) => urn);
    expect(urns).toEqual([...new Set(urns)]);
  });

  test("a preview shows the resources that an update makes", async () => {
    const [previewed, updated] = [await run(true), await run(false)];
    expect(previewed.map(({ urn }) => urn)).toEqual(updated.map(({ urn }) => urn));
  });

  test("the kubeconfig's key shows in no input and in no output", async () => {
    const { resources, result } = await record(() => createPlatform(stackConfig(stack)));
    expect(JSON.stringify(resources)).not.toContain(plantedSecret);
    expect(JSON.stringify(result)).not.toContain(plantedSecret);
  });
});
