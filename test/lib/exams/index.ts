/** Every exam by other tools' own cases, with the figures that came out of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { datree } from "./datree.ts";
import { istio } from "./istio.ts";
import { kubeaudit } from "./kubeaudit.ts";
import { kubeScore } from "./kube-score.ts";
import { kubescape } from "./kubescape.ts";
import { trivy } from "./trivy.ts";
import type { Figures, Suite } from "./suite.ts";

/** The suites, in the order in which they are asked. */
export const suites: readonly Suite[] = [kubeScore, kubescape, trivy, kubeaudit, datree, istio];

/** The file of the figures, which the exams compare with what they measure. */
export const figuresFile = join(import.meta.dirname, "figures.expected.json");

const count = z.int().nonnegative();
const figuresSchema = z.record(
  z.string(),
  z.strictObject({
    checks: count,
    mappedChecks: count,
    outsideChecks: count,
    cases: count,
    mappedCases: count,
    refused: count,
    agreed: count,
    unmapped: z.record(z.string(), count),
  }),
);

/** The figures of each suite, by its name. */
export const committedFigures = (): Readonly<Record<string, Figures>> =>
  figuresSchema.parse(JSON.parse(readFileSync(figuresFile, "utf8")));
