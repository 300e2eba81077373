/** Finds the images that a workload runs. */
import { versions } from "../../versions.ts";
import type { KubernetesObject } from "./object.ts";
import { each, type Finding } from "./rule.ts";
import { list, property, text } from "./values.ts";
import { workloadOf } from "./workload.ts";
import { ifKnown } from "./unknown.ts";

/** The platform's own images: versions.ts is reviewed, and names each of them with its version. */
const own: ReadonlySet<string> = new Set(Object.values(versions.images));

/**
 * What is wrong with every image that an object runs, of all kinds of containers and of volumes that are images, but for
 * the platform's own.
 *
 * @param problemOf what is wrong with an image, as the rest of a sentence that starts with it
 */
export function* judgeImages(
  object: KubernetesObject,
  problemOf: (image: string) => string | undefined,
): Iterable<Finding> {
  const workload = workloadOf(object);
  if (workload === undefined) return;
  yield* each(workload.containers, function* ({ name, path, value }) {
    const [who, where, image] = [`container "${name}"`, `${path}.image`, text(property(value, "image"))];
    if (image !== undefined) yield* judgeImage(image, who, where, problemOf);
    else if (!object.patch) yield { path: where, problem: `${who} has no image`, fix: "Set {path}." };
  });
  yield* each(list(property(workload.spec, "volumes")), function* (volume, index) {
    const image = text(property(property(volume, "image"), "reference"));
    const who = `volume "${ifKnown(() => text(property(volume, "name"))) ?? ""}"`;
    const where = `${workload.path}.volumes[${String(index)}].image.reference`;
    if (image !== undefined) yield* judgeImage(image, who, where, problemOf);
  });
}

function* judgeImage(
  image: string,
  who: string,
  path: string,
  problemOf: (image: string) => string | undefined,
): Iterable<Finding> {
  const problem = own.has(image) ? undefined : problemOf(image);
  if (problem !== undefined)
    yield { path, problem: `${who} runs "${image}", which ${problem}`, fix: "Correct {path}." };
}
