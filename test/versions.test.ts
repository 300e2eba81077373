import { minorOf } from "../components/cluster/facts.ts";
import { versions } from "../versions.ts";

test.each(Object.entries(versions.images))(
  "image %s has its registry and a tag or digest that stays: %s",
  (_, image) => {
    expect(image).toMatch(/^[a-z0-9.-]+\.[a-z]+\/[a-z0-9/._-]+(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$/);
  },
);

test("the default Kubernetes is one that the platform runs on", () => {
  expect(versions.kubernetesMinors).toContain(minorOf(versions.kubernetes));
});
