import { disallowHelmReleases } from "../../../policies/objects/disallow-helm-releases.ts";
import { judge } from "../../lib/judge.ts";

const release = { name: "web", chart: "nginx", namespace: "shop" };

test("refuses a release, whose objects no rule sees", async () => {
  const { violations } = await judge(disallowHelmReleases, "kubernetes:helm.sh/v3:Release", release);
  expect(violations).toEqual([
    "Release (named by Pulumi): its objects are hidden from every rule. Render chart in the program (helm.v4.Chart), which makes each object a resource.",
  ]);
});

test("accepts a chart, whose objects are resources, and another's kind of that name", async () => {
  for (const type of ["kubernetes:helm.sh/v4:Chart", "kubernetes:acme.example/v1:Release"]) {
    expect(await judge(disallowHelmReleases, type, release)).toEqual({ violations: [] });
  }
});
