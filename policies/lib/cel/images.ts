/** Finds the images that a workload runs: those of all kinds of containers, and of volumes that are images. */
import { versions } from "../../../versions.ts";
import { type CelForm, type Check, given, quoted } from "./form.ts";

/** The platform's own images: versions.ts is reviewed, and names each of them with its version. */
const own = `[${Object.values(versions.images).map(quoted).join(", ")}]`;

/** Something that has to hold of an image's name, the CEL `image`. */
export interface ImageCheck extends Pick<Check, "let" | "valid"> {
  /** Which images, as CEL, beside those that are the platform's own. @default all */
  readonly where?: string;
  /** What is wrong, as the rest of a sentence that starts with the image. */
  readonly problem: string;
}

/** A rule about all images, but for the platform's own, and that there are any. */
export function imageForm(checks: readonly ImageCheck[]): CelForm {
  const over = (list: "containers" | "volumes", field: string): Check[] =>
    checks.map(({ where = "true", let: names, valid, problem }) => {
      const image = `string(it.value.${field})`;
      return {
        each: list,
        where: `${given(`it.value.${field}`)} && !(${image} in variables.own) && [${image}].all(image, ${where})`,
        let: { image, ...names },
        valid,
        path: `{it.path}.${field}`,
        problem: `{it.who} runs "{image}", which ${problem}`,
        fix: "Correct {path}.",
      };
    });
  const all: Check[] = [
    {
      each: "containers",
      valid: "variables.patch || has(it.value.image)",
      path: "{it.path}.image",
      problem: "{it.who} has no image",
      fix: "Set {path}.",
    },
    ...over("containers", "image"),
    ...over("volumes", "image.reference"),
  ];
  return { variables: { own }, checks: all };
}
