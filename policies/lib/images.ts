/** Finds the images that a workload runs, as a policy sees them: untyped properties. */
import { versions } from "../../versions.ts";
import { judgeAll } from "./judge-all.ts";
import { podSpecsOf, property, text } from "./pod-specs.ts";

/** The platform's own images: versions.ts is reviewed, and names each of them with its version. */
const own: ReadonlySet<string> = new Set(Object.values(versions.images));

/**
 * Judges every image that a resource runs, of all kinds of containers and of volumes that are images, but for the
 * platform's own.
 *
 * @param type the Pulumi type, like "kubernetes:apps/v1:Deployment"
 * @param props the resource's inputs; reading one that is not known yet throws, after the others have been judged
 * @param problemOf what is wrong with an image, as the rest of a sentence that starts with it
 * @param report takes each problem as a sentence with the workload, the image, and the path to correct
 */
export function judgeImages(
  type: string,
  props: unknown,
  problemOf: (image: string) => string | undefined,
  report: (message: string) => void,
): void {
  judgeAll(podSpecsOf(type, props), ({ object, path, spec, patch }) => {
    judgeAll(
      ["initContainers", "containers", "ephemeralContainers", "volumes"].flatMap((list) => {
        const items = property(spec, list);
        return (Array.isArray(items) ? items : []).map((item: unknown, index) => ({ list, item, index }));
      }),
      ({ list, item, index }) => {
        const isVolume = list === "volumes";
        const image = isVolume ? text(property(property(item, "image"), "reference")) : text(property(item, "image"));
        const where = `${path}.${list}[${String(index)}].image${isVolume ? ".reference" : ""}`;
        const who = `${object}: ${isVolume ? "volume" : "container"} "${text(property(item, "name")) ?? ""}"`;
        if (image === undefined) {
          if (!isVolume && !patch) report(`${who} has no image. Set ${where}.`);
          return;
        }
        const problem = own.has(image) ? undefined : problemOf(image);
        if (problem !== undefined) report(`${who} runs "${image}", which ${problem}. Correct ${where}.`);
      },
    );
  });
}
