import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  extraTools,
  kubernetesPrograms,
  programOf,
  releaseNamed,
  releases,
  releasesOf,
} from "../../embedded/releases.ts";
import { labCluster } from "../../embedded/spec.ts";
import { ClusterState } from "../../embedded/state.ts";
import { catalog } from "../../toolchain/catalog.ts";
import { versions } from "../../versions.ts";

const cache = mkdtempSync(join(tmpdir(), "quintet-releases-"));
const earlier = process.env["QUINTET_CACHE"];
beforeAll(() => {
  process.env["QUINTET_CACHE"] = cache;
});
afterAll(() => {
  if (earlier === undefined) delete process.env["QUINTET_CACHE"];
  else process.env["QUINTET_CACHE"] = earlier;
  rmSync(cache, { recursive: true });
});

test.each(releases)("every program of %s is a tool of that version, and every image has its tag", (version) => {
  const release = releaseNamed(version);
  for (const program of kubernetesPrograms) {
    expect(catalog.find(({ name }) => name === programOf(release, program))?.version).toBe(version.replace("v", ""));
  }
  const { pause, ...images } = versions.kubernetesReleases[release];
  expect(pause).toMatch(/^registry\.k8s\.io\/pause:3\./);
  for (const image of Object.values(images)) expect(image.endsWith(`:${version}`)).toBe(true);
});

test("the release that is made without a word is the newest, and its tools are in the toolchain's groups", () => {
  expect(releases.at(-1)).toBe(versions.kubernetes);
  expect(extraTools([versions.kubernetes])).toEqual([]);
  expect(extraTools(["v1.35.4", versions.kubernetes])).toEqual(kubernetesPrograms.map((name) => `${name}-previous`));
});

test("a version without tools is refused with those that there are", () => {
  expect(() => releaseNamed("v1.34.0")).toThrow(
    "There are no tools of Kubernetes v1.34.0 here. There are: v1.35.4, v1.36.3.",
  );
});

test("a cluster in the middle of an upgrade wants both releases", () => {
  const spec = { ...labCluster(), kubernetesVersion: "v1.35.4" };
  const state = new ClusterState(spec.name);
  expect(releasesOf(spec, state)).toEqual(["v1.35.4"]);
  mkdirSync(join(state.dir, "nodes/qke-master"), { recursive: true });
  state.write("nodes/qke-master/kubernetes.json", { release: versions.kubernetes });
  expect(releasesOf(spec, state)).toEqual(["v1.35.4", versions.kubernetes]);
  expect(releasesOf(spec, state, versions.kubernetes)).toEqual(["v1.35.4", versions.kubernetes]);
});
