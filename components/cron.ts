/** Schedules of cron, as configuration writes them. */
import { CronExpressionParser } from "cron-parser";
import { z } from "zod";

/** Five fields of cron, of what every reader of them knows. */
export const cron = z.string().superRefine((text, context) => {
  if (text.trim().split(/\s+/).length !== 5) {
    context.addIssue(`"${text}" is not a schedule of five fields, write it like "0 */6 * * *"`);
    return;
  }
  // The parser here knows more than those of k3s and Kubernetes, which do not start with what they do not know.
  if (/[^\d\s*,/-]/.test(text) || /7[^ ]*$/.test(text.trim())) {
    context.addIssue(`"${text}" has more than digits and * , - /, or Sunday as 7: write it like "0 */6 * * 0"`);
    return;
  }
  try {
    CronExpressionParser.parse(text);
  } catch {
    context.addIssue(`"${text}" is not a schedule that cron understands, write it like "0 */6 * * *"`);
  }
});

/** How long it takes at most from one time of a schedule to the next, in seconds; of the next hundred from a Monday on. */
export function secondsBetween(schedule: string): number {
  const times = CronExpressionParser.parse(schedule, { currentDate: new Date("2024-01-01T00:00:00Z"), tz: "UTC" });
  const at = Array.from({ length: 100 }, () => times.next().getTime());
  return Math.max(...at.slice(1).map((time, index) => time - (at[index] ?? time))) / 1000;
}
