import { requireFixedVersion } from "../../../policies/images/require-fixed-version.ts";
import { workloadKinds } from "../../../policies/lib/workload.ts";
import { versions } from "../../../versions.ts";
import { judge } from "../../lib/judge.ts";
import { unknown } from "../../lib/unknown.ts";

const image = "ghcr.io/acme/shop:1.2.3";
const metadata = { namespace: "shop", name: "web" };
const deployment = (spec: object) => ({ metadata, spec: { template: { spec } } });
const pod = (own: object) => ({ containers: [{ name: "app", image, ...own }] });
const verdict = (spec: object, config = {}) =>
  judge(requireFixedVersion, "kubernetes:apps/v1:Deployment", deployment(spec), config);

const at = "spec.template.spec";
const who = 'Deployment shop/web: container "app"';

test("is published under its pack's name and cannot be waved through", () => {
  expect(requireFixedVersion).toMatchObject({ name: "images-require-fixed-version", level: "mandatory" });
});

test("accepts the baseline, a digest, and no images at all", async () => {
  const digest = `ghcr.io/acme/shop@sha256:${"0".repeat(64)}`;
  for (const spec of [pod({}), pod({ image: digest }), { containers: [] }, {}]) {
    expect(await verdict(spec)).toEqual({ violations: [] });
  }
});

describe("refuses", () => {
  test.each([
    [
      "no tag",
      pod({ image: "nginx" }),
      `${who} runs "nginx", which has no tag, so it is whatever is latest: write the version that is meant. Correct ${at}.containers[0].image.`,
    ],
    [
      "the tag latest",
      pod({ image: "nginx:latest" }),
      `${who} runs "nginx:latest", which has the tag latest, which says no version: write the one that is meant. Correct ${at}.containers[0].image.`,
    ],
    [
      "what is no image's name",
      pod({ image: "https://nginx" }),
      `${who} runs "https://nginx", which is not an image's name, write it like registry.example/team/app:1.2.3. Correct ${at}.containers[0].image.`,
    ],
    ["no image", pod({ image: undefined }), `${who} has no image. Set ${at}.containers[0].image.`],
    [
      "an init container's",
      { initContainers: [{ name: "app", image: "busybox" }] },
      `${who} runs "busybox", which has no tag, so it is whatever is latest: write the version that is meant. Correct ${at}.initContainers[0].image.`,
    ],
    [
      "an ephemeral container's",
      { ephemeralContainers: [{ name: "app", image: "busybox" }] },
      `${who} runs "busybox", which has no tag, so it is whatever is latest: write the version that is meant. Correct ${at}.ephemeralContainers[0].image.`,
    ],
    [
      "a volume's",
      {
        volumes: [
          { name: "tmp", emptyDir: {} },
          { name: "model", image: { reference: "acme/model" } },
        ],
      },
      `Deployment shop/web: volume "model" runs "acme/model", which has no tag, so it is whatever is latest: write the version that is meant. Correct ${at}.volumes[1].image.reference.`,
    ],
  ])("%s", async (_, spec, message) => {
    expect(await verdict(spec)).toEqual({ violations: [message] });
  });

  test("a tag alone, when a digest is asked for, but for the platform's own images", async () => {
    const config = { requireDigest: true };
    expect(await verdict(pod({}), config)).toEqual({
      violations: [expect.stringContaining("has no digest, and its tag can be moved")],
    });
    expect(await verdict(pod({ image: versions.images.podinfo }), config)).toEqual({ violations: [] });
  });

  test.each(workloadKinds)("in a list of %s", async (kind) => {
    const nested: Record<string, object> = {
      Pod: { metadata, spec: pod({ image: "nginx" }) },
      PodTemplate: { metadata, template: { spec: pod({ image: "nginx" }) } },
      CronJob: { metadata, spec: { jobTemplate: { spec: { template: { spec: pod({ image: "nginx" }) } } } } },
    };
    const items = [deployment(pod({})), nested[kind] ?? deployment(pod({ image: "nginx" }))];
    const { violations } = await judge(requireFixedVersion, `kubernetes:apps/v1:${kind}List`, { items });
    expect(violations).toContainEqual(expect.stringContaining(`${kind} shop/web: container "app" runs "nginx"`));
  });
});

test("what is not known yet hides nothing else", async () => {
  const containers = [
    { name: "later", image: unknown },
    { name: "app", image: "nginx" },
  ];
  const { violations, undecided } = await verdict({ containers });
  expect(violations).toEqual([expect.stringContaining(`${who} runs "nginx"`)]);
  expect(undecided).toContain("containers[0].image is not known until then");
});

test("a patch need not say the image", async () => {
  const patch = deployment({ containers: [{ name: "app" }] });
  expect(await judge(requireFixedVersion, "kubernetes:apps/v1:DeploymentPatch", patch)).toEqual({ violations: [] });
});
