/** Load tests as data. */
import { figuresOf } from "../../loadtest/figures.ts";
import type { LoadTest } from "../../loadtest/run.ts";
import type { Answer, Target } from "../../loadtest/target.ts";

/** An answer that is well but for what is given. */
export const answer = (given: Partial<Answer> = {}): Answer => ({
  at: 0,
  milliseconds: 10,
  status: 200,
  bytes: 100,
  address: "192.0.2.1",
  ...given,
});

/** So many answers at 50 requests/s, each made by its number. */
export const answers = (count: number, make: (index: number) => Partial<Answer> = () => ({})): Answer[] =>
  Array.from({ length: count }, (_, index) => answer({ at: (index + 1) * 20 - 10, ...make(index) }));

/** A target that is nowhere. */
export const target = (given: Partial<Target> = {}): Target => ({
  name: "ingress",
  url: "https://enroll.example:30443/api",
  addresses: ["192.0.2.1"],
  ...given,
});

/** A load test of one second for each list of answers, at 50 requests/s. */
export function tested(first: readonly Answer[], ...others: readonly (readonly Answer[])[]): LoadTest {
  const [rate, seconds] = [50, 1];
  const measure = (name: string) => (some: readonly Answer[]) => ({
    target: target({ name }),
    answers: some,
    figures: figuresOf(some, { rate, seconds }),
  });
  return {
    started: "2026-11-21T18:00:00.000Z",
    rate,
    seconds,
    measured: [measure("ingress")(first), ...others.map(measure("direct"))],
  };
}
