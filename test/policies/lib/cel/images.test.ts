import { findingsOf } from "../../../../policies/lib/cel/evaluate.ts";
import { imageForm } from "../../../../policies/lib/cel/images.ts";
import { versions } from "../../../../versions.ts";
import { workloadIn } from "../../cel.ts";
import { deployment, pod } from "../../workloads.ts";

const form = imageForm([
  { valid: 'image.startsWith("ghcr.io/")', problem: "is from elsewhere" },
  {
    where: 'image.contains("@")',
    let: { digest: 'image.find("@.*")' },
    valid: 'digest != "@"',
    problem: 'has the digest "{digest}"',
  },
]);
const said = (spec: object) =>
  [...findingsOf(form, workloadIn(deployment(pod(spec))))].map((one) =>
    "problem" in one ? [one.path, one.problem, one.fix] : one,
  );
const image = (name?: string) => ({ containers: [{ name: "app", ...(name === undefined ? {} : { image: name }) }] });
const volumes = (reference?: string) => ({
  ...image("ghcr.io/acme/web:1"),
  volumes: [
    { name: "tmp", emptyDir: {} },
    { name: "model", image: reference === undefined ? {} : { reference } },
  ],
});
const at = "spec.template.spec";

test.each([
  ["an image that is right", image("ghcr.io/acme/web:1")],
  ["one of the platform's own", image(versions.images.podinfo)],
  ["a volume's that is right", volumes("ghcr.io/acme/model:1")],
  ["a volume that says none", volumes()],
])("%s passes", (_, spec) => {
  expect(said(spec)).toEqual([]);
});

test("a container has an image", () => {
  expect(said(image())).toEqual([[`${at}.containers[0].image`, 'container "app" has no image', "Set {path}."]]);
});

test.each([
  [
    "a container's image",
    image("web:1"),
    [`${at}.containers[0].image`, 'container "app" runs "web:1", which is from elsewhere'],
  ],
  [
    "a volume's image",
    volumes("model:1"),
    [`${at}.volumes[1].image.reference`, 'volume "model" runs "model:1", which is from elsewhere'],
  ],
  [
    "what only some images are asked",
    image("ghcr.io/acme/web@"),
    [`${at}.containers[0].image`, 'container "app" runs "ghcr.io/acme/web@", which has the digest "@"'],
  ],
])("%s is found fault with", (_, spec, finding) => {
  expect(said(spec)).toEqual([[...finding, "Correct {path}."]]);
});
