/** Our rules by the cases of other tools' own tests, which are read out of their Go modules: nothing of them is here. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { format } from "prettier";
import { rules } from "../../../policies/packs.ts";
import { committedFigures, figuresFile, suites } from "../../lib/exams/index.ts";
import { casesOfDatree, checksOfDatree } from "../../lib/exams/datree-cases.ts";
import { casesOfIstio, checksOfIstio } from "../../lib/exams/istio-cases.ts";
import { casesOfKubeaudit, checksOfKubeaudit } from "../../lib/exams/kubeaudit-cases.ts";
import { casesOfKubeScore, checksOfKubeScore } from "../../lib/exams/kube-score-cases.ts";
import { casesOfKubescape, checksOfKubescape } from "../../lib/exams/kubescape-cases.ts";
import { casesOfTrivy, checksOfTrivy } from "../../lib/exams/trivy-cases.ts";
import { gapsOf, mark, surprisesIn } from "../../lib/exams/mark.ts";
import type { Case, Figures } from "../../lib/exams/suite.ts";
import { sourcesOf } from "./oracle.ts";

/** Reads a suite's checks and its cases out of its module. */
interface Reader {
  readonly checks: (folder: string) => string[];
  readonly cases: (folder: string) => Case[];
}

const readers: Readonly<Record<string, Reader>> = {
  "kube-score": { checks: checksOfKubeScore, cases: casesOfKubeScore },
  Kubescape: { checks: checksOfKubescape, cases: casesOfKubescape },
  Trivy: { checks: checksOfTrivy, cases: casesOfTrivy },
  kubeaudit: { checks: checksOfKubeaudit, cases: casesOfKubeaudit },
  datree: { checks: checksOfDatree, cases: casesOfDatree },
  Istio: { checks: checksOfIstio, cases: casesOfIstio },
};

/** Two digits of a share in percent: "95 %". */
const share = (part: number, whole: number) => `${String(Math.round((100 * part) / whole))} %`;

const told = ({ checks, mappedChecks, cases, mappedCases, refused, agreed }: Figures) =>
  [
    `coverage ${String(mappedChecks)} of ${String(checks)} checks (${share(mappedChecks, checks)})`,
    `${String(mappedCases)} of ${String(cases)} cases (${share(mappedCases, cases)})`,
    `accuracy ${String(agreed)} of ${String(mappedCases)} (${share(agreed, mappedCases)}), ${String(refused)} of them refused`,
  ].join(", ");

for (const suite of suites) {
  test(`the cases of ${suite.name} ${suite.version} are answered as its own tests say, but for what is meant`, async () => {
    const reader = readers[suite.name];
    assert.ok(reader !== undefined, `Nobody reads the cases of ${suite.name}.`);
    const folder = await sourcesOf(suite.module, suite.pinnedBy);
    const checks = reader.checks(folder);
    assert.deepEqual(gapsOf(suite, checks), []);
    const { figures, different, broken } = mark(suite, checks, reader.cases(folder), rules);
    console.log(`${suite.name}: ${told(figures)}`);
    assert.deepEqual(broken, []);
    assert.deepEqual(surprisesIn(suite, different), []);
    if (process.env["QUINTET_WRITE_GOLDEN"] !== undefined) await write(suite.name, figures);
    assert.deepEqual(committedFigures()[suite.name], figures);
  });
}

async function write(name: string, figures: Figures): Promise<void> {
  const all = { ...committedFigures(), [name]: figures };
  const text = await format(JSON.stringify(all), { filepath: figuresFile, printWidth: 120 });
  if (readFileSync(figuresFile, "utf8") !== text) writeFileSync(figuresFile, text);
}
