/** Asks one rule about one resource, the way @pulumi/policy does. */
import * as sdk from "@pulumi/policy";
import type { Rule } from "../../policies/lib/rule.ts";
import { policiesOf } from "../../policies/lib/serve.ts";

// Exported, but left out of the SDK's types as internal.
const { unknownCheckingProxy } = sdk as unknown as { unknownCheckingProxy: (props: object) => Record<string, unknown> };

/** What a policy says: its violations, and what it could not judge because a value is not known yet. */
export interface Verdict {
  readonly violations: readonly string[];
  readonly undecided?: string;
}

/**
 * The verdict of a rule, as the policy that it becomes, on a resource's inputs.
 *
 * @param config the rule's parameters
 */
export async function judge(asked: Rule, type: string, props: object, config: object = {}): Promise<Verdict> {
  const violations: string[] = [];
  const unsaid: string[] = [];
  const [policy] = policiesOf([{ name: "one", description: "", rules: [asked] }]);
  const validate = policy !== undefined && "validateResource" in policy ? policy.validateResource : undefined;
  if (typeof validate !== "function") throw new Error(`${asked.name} is not one function for a resource.`);
  const settings = { rules: { [asked.name]: { parameters: config } } };
  const args = { type, props: unknownCheckingProxy({ ...props }), urn: "urn", getConfig: () => settings };
  const report = (violation: Violation) => (isAdvisory(violation) ? unsaid : violations).push(message(violation));
  try {
    // The rules read nothing but the type, the properties, the URN and their configuration.
    await validate(args as unknown as Parameters<typeof validate>[0], report);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { violations, undecided: error.message };
  }
  return unsaid.length === 0 ? { violations } : { violations, undecided: unsaid.join("\n") };
}

/** What a policy reports: the SDK also takes what its types leave out. */
type Violation =
  string | { readonly message?: string; readonly description?: string; readonly enforcementLevel?: string };

const isAdvisory = (violation: Violation) => typeof violation === "object" && violation.enforcementLevel === "advisory";

/** What is said of the resource, without what is said of the rule. */
function message(violation: Violation): string {
  if (typeof violation === "string") return violation;
  return (violation.message ?? "").replace(`${violation.description ?? ""}\n`, "");
}
