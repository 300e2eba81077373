import { requireAllowedRegistry } from "../../../policies/images/require-allowed-registry.ts";
import { versions } from "../../../versions.ts";
import { judge } from "../../lib/judge.ts";

const props = (image: string) => ({
  metadata: { namespace: "shop", name: "web" },
  spec: { template: { spec: { containers: [{ name: "app", image }] } } },
});
const verdict = (image: string, config: { allowed?: string[] } = { allowed: ["ghcr.io/acme"] }) =>
  judge(requireAllowedRegistry, "kubernetes:apps/v1:Deployment", props(image), config);

test("is published under its pack's name and cannot be waved through", () => {
  expect(requireAllowedRegistry).toMatchObject({
    name: "images-require-allowed-registry",
    level: "mandatory",
  });
});

test("accepts the baseline, the platform's own images, and everything when nothing is said", async () => {
  expect(await verdict("ghcr.io/acme/shop:1.2.3")).toEqual({ violations: [] });
  expect(await verdict(versions.images.podinfo)).toEqual({ violations: [] });
  expect(await verdict("quay.io/other/app:1", {})).toEqual({ violations: [] });
});

test("accepts an image of one registry of several, and Docker Hub by each of its names", async () => {
  const allowed = ["ghcr.io/acme", "quay.io/trusted"];
  expect(await verdict("quay.io/trusted/shop:1", { allowed })).toEqual({ violations: [] });
  expect(await verdict("quay.io/other/shop:1", { allowed })).toEqual({
    violations: [expect.stringContaining("outside the allowed registries ghcr.io/acme, quay.io/trusted. Correct")],
  });
  for (const image of ["nginx:1", "library/nginx:1", "docker.io/nginx:1", "index.docker.io/library/nginx:1"]) {
    expect(await verdict(image, { allowed: ["docker.io/library"] })).toEqual({ violations: [] });
  }
});

test.each([
  ["a part of a registry that is not allowed", "ghcr.io/acme-evil/shop:1.2.3", "ghcr.io/acme-evil/shop"],
  ["Docker Hub by a short name", "nginx:1.29.0", "docker.io/library/nginx"],
  ["the platform's own image in another version", "ghcr.io/stefanprodan/podinfo:0.0.1", "ghcr.io/stefanprodan/podinfo"],
])("refuses %s", async (_, image, name) => {
  expect(await verdict(image)).toEqual({
    violations: [
      `Deployment shop/web: container "app" runs "${image}", which is ${name}, outside the allowed registries ghcr.io/acme. Correct spec.template.spec.containers[0].image.`,
    ],
  });
});
