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
