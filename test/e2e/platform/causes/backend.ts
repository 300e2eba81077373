/** The backend's clients get errors and late answers, so many that the budgets of both burn. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../../../embedded/run.ts";
import { ask } from "../../../../scripts/ask.ts";
import { during, failures } from "../../load.ts";
import { publicPlaces } from "../context.ts";
import { query } from "../prometheus.ts";
import { cause } from "./fault.ts";

const burning = [
  "BackendErrorBudgetFast",
  "BackendErrorBudgetSlow",
  "BackendLatencyBudgetFast",
  "BackendLatencyBudgetSlow",
];

/** Those whose condition holds, whether or not it has held for long enough. */
const holding = async () =>
  new Set((await query(`ALERTS{alertname=~"${burning.join("|")}"}`)).map(({ metric }) => metric["alertname"]));

/** How many are asked for at once: late answers have fifteen times the errors' budget. */
const atOnce = { errors: 2, late: 20 } as const;

/**
 * Requests that are answered 500 or late, as long as one of the alerts does not hold: no more of them than that, since the
 * slow alerts clear when good answers outnumber them.
 */
async function askForTrouble(ended: AbortSignal): Promise<void> {
  const { url, places } = await publicPlaces();
  const asked = async (path: string, status: number) => {
    const answer = await ask(`${url}${path}`, places[0], { deadline: 10_000 });
    assert.equal(answer.status, status, path);
  };
  while (!ended.aborted) {
    if ((await holding()).size < burning.length) {
      await Promise.all([
        ...Array.from({ length: atOnce.errors }, () => asked("/status/500", 500)),
        ...Array.from({ length: atOnce.late }, () => asked("/delay/1", 200)),
      ]);
    }
    await sleep(3000);
  }
}

/** Good answers, until they outnumber the others. */
async function outnumber(): Promise<void> {
  const { url, places } = await publicPlaces();
  const answers = await during(
    url,
    places,
    () => until("the budgets to burn no more", 600_000, async () => (await holding()).size === 0, 5000),
    { perSecond: 80, connections: 10 },
  );
  assert.ok(failures(answers).length < 0.001 * answers.length, `${String(failures(answers).length)} have failed`);
}

/** Both budgets burn, fast and slowly. */
export const budgetsBurn = cause({
  what: "the backend answers 500, and late",
  fires: burning,
  minutes: 8,
  meanwhile: askForTrouble,
  mend: outnumber,
});
