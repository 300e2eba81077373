/** Any counts that a proxy can have. */
import fc from "fast-check";
import type { Counts } from "../../topology/counts.ts";

/** Counts of requests with their times in the same three buckets, and bytes. */
export const counts = fc
  .array(fc.nat({ max: 1000 }), { minLength: 5, maxLength: 5 })
  .map(([fast = 0, slow = 0, slowest = 0, failures = 0, bytes = 0]): Counts => {
    const requests = fast + slow + slowest;
    return {
      requests,
      failures: Math.min(failures, requests),
      buckets: [
        [100, fast],
        [500, fast + slow],
        [Infinity, requests],
      ],
      bytes,
    };
  });
