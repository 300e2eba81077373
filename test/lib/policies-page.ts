/** docs/policies.md and policies/README.md, as they follow from the rules. */
import { join } from "node:path";
import { packs } from "../../policies/packs.ts";
import { type Rule, whyNotCel } from "../../policies/lib/rule.ts";
import { runsOf } from "../../scripts/mutation-plan.ts";
import { percentOf, readScores, type Score, sumOf, threshold } from "../../scripts/mutation-scores.ts";
import { examsSection } from "./exams/page.ts";
import { tableOf } from "./markdown.ts";
import { root } from "./stacks.ts";

/** The page's file. */
export const policiesPageFile = join(root, "docs", "policies.md");

/** The file of the table of all rules. */
export const policiesReadmeFile = join(root, "policies", "README.md");

const head = `# Policies

<!-- Made of policies/ by \`npm run golden\`. -->

Every \`npm run up\` and \`npm run preview\` holds each object to these rules, and \`npm run policy\` any other. A mandatory
finding refuses the change; an advisory one is shown. What is not known before the update is said to be, and judged again
in the update. A rule that fails is a finding, and a pack that is missing ends the run.

- \`npm run policy -- check FILES\` judges YAML and JSON, folders of them, and exported state; \`--state\` the stack's own.
  Its exit code is 0 without a mandatory finding, 1 with one, and 2 when something could not be read.
- \`--json\` prints a list of {rule, level, kind, namespace, name, path, message}, \`--sarif\` the same for code scanning.
  With \`--output FILE\` that is written there, and text is printed. \`--stack NAME\` counts with what the stack says of
  registries and sidecars. CI asks about \`test/stacks/<stack>.expected.json\`, which is what every stack makes, and hands
  what is found to GitHub's code scanning.
- \`policies/config.json\`, or the file that \`--config\` names, sets levels, parameters and exemptions:

\`\`\`json
{
  "rules": { "qos-disallow-wide-ratios": { "level": "advisory", "parameters": { "cpu": 10 } } },
  "exemptions": [
    {
      "rule": "qos-require-limits",
      "kind": "DaemonSet",
      "namespace": "logging",
      "name": "agent",
      "reason": "its memory follows the node's traffic, see #123",
      "expires": "2027-03-31"
    }
  ]
}
\`\`\`

A level is \`mandatory\`, \`advisory\`, \`disabled\`, or \`remediate\` for rules that have a remedy: \`up\` and \`preview\` add
then what it says, and show that they did (so does the comment in a pull request); it adds what is missing and changes nothing that is written. What is left is
refused, and so is all of it in files, state and the cluster, where nothing is added.

An exemption without a reason or a last day is refused, and one past its last day is a finding itself; its name may end in
\`*\`, for what ends in a version. Rules that see the whole stack are asked at the end of the preview, so \`up\` refuses before anything is changed; with the preview skipped
they speak only once objects are made.

## In the cluster

Rules about a single object are written once, as CEL. Previews, files and state are held to them by \`@bufbuild/cel\`, and
with \`quintet:admission\` the API server by itself: each is a ValidatingAdmissionPolicy and its binding under the rule's
name, so that \`kubectl apply\` is refused what a preview refuses, in the same words.

- It is asked when an object is made, or what the rule reads of it changed. What is there already may run on and end.
- Namespaces of the cluster itself are left alone, and those of \`quintet:admission.exempt\`, each with why; so is what
  \`policies/config.json\` exempts, with the pods that it makes. The annotation \`quintet.dev/exempt\` has the reasons. No
  policy knows the day: an exemption that has expired stops the next preview, and holds in the cluster until then.
- The API server's defaults are counted: a Pod's requests that follow from its limits, a volume without a source.
- A Role, a Gateway or a policy of the mesh is asked about like a workload. An object that is in no namespace is left alone
  by nothing but an exemption by its name, as for the roles that a cloud's own add-ons bring.
- The end-to-end tests send 5,000 random workloads and 2,500 other objects to a real API server, and compare who refuses
  what for which rule.

All rules in one table: [policies/README.md](../policies/README.md). How a rule is written, from
its file to its test: [decision 20](decisions/0020-a-rule-is-data-and-a-function.md).
`;

/** The whole page. */
export function policiesPage(): string {
  const sections = packs.map(({ name, description, rules }) => {
    return [`## ${name}`, `${description}.`, ...rules.map(sectionOf)].join("\n\n");
  });
  return `${[head.trimEnd(), mutationSection(), examsSection(), ...sections].join("\n\n")}\n`;
}

/** What mutation testing has found out. */
function mutationSection(): string {
  const scores = Object.entries(readScores()).sort(([a], [b]) => (a < b ? -1 : 1));
  const row = (name: string, { mutants, survived }: Score, on: string) => [
    name,
    String(mutants),
    String(survived),
    `${percentOf({ mutants, survived })} %`,
    on,
  ];
  const table = tableOf([
    ["pack", "mutants", "survived", "score", "on"],
    ...scores.map(([name, score]) => row(name, score, score.on)),
    row("all of these", sumOf(scores.map(([, score]) => score)), ""),
  ]);
  const unasked = runsOf(root).flatMap(({ name }) => (name in readScores() ? [] : [name]));
  const rest = unasked.length === 0 ? "" : `\n\nNot asked yet: ${unasked.join(", ")}.`;
  return `${mutationText}\n${table}${rest}`;
}

const mutationText = `## By small changes of the rules

\`npm run mutation\` changes the rules in small ways, one at a time, and looks whether a test of theirs notices
([Stryker](https://stryker-mutator.io)); below ${String(threshold)} % it fails. \`npm run mutation -- qos\` is one pack with what bears
its name in \`policies/lib\`; what packs share is \`cel\`, \`labels\` and \`lib\`. It is no part of CI, since it takes too long: a second of
one core for each mutant, and more where a machine is busy. The next run asks only about what has changed, but does not see
that of a list of a module or of a test that kept its name: \`--anew\` asks about everything.

- Left out are the lists of rules, \`index.ts\`, and of a rule's head the texts that the tables of these pages have word
  for word. What a rule says of an object is mutated like everything else.
- The tests that are asked are those that mirror the sources in \`test/policies\`, without the ones of whole stacks; what only
  others notice counts as survived.
- An expression of CEL is one text to Stryker, which takes it away. The run \`expressions\` changes it in itself, wherever a
  rule has some, by changes of our own: \`&&\` is \`||\`, \`<\` is \`<=\`, \`all\` is \`exists\`, what \`has\` asks for is there, and is
  not, branches are swapped, what is in a list is not, a number is one more or less, a text is empty.
`;

const sees = { object: "sees an object by itself", stack: "sees the whole stack" } as const;

function sectionOf(rule: Rule): string {
  const { name, level, severity, title, why, fix, parameters, remedy } = rule;
  const defaults = JSON.stringify(parameters.parse(undefined), null, 2);
  const settings = defaults === "{}" ? [] : ["Parameters, with their defaults:", `\`\`\`json\n${defaults}\n\`\`\``];
  return [
    `### ${name}`,
    `${level}, severity ${severity}, ${sees[rule.sees]}`,
    title,
    `- **Why**: ${why}\n- **Fix**: ${fix}\n- **In the cluster**: ${inCluster(rule)}${remedy === undefined ? "" : `\n- **Remedy**: ${remedy.text}.`}`,
    ...settings,
  ].join("\n\n");
}

/** What the API server does about a rule where `quintet:admission` says so. */
function inCluster(rule: Rule): string {
  const why = whyNotCel(rule);
  if (why !== undefined) return `Not asked, since ${why}.`;
  return rule.level === "mandatory" ? "Refused by the API server." : "Warned of by the API server, and audited.";
}

const readmeHead = `# Every rule

<!-- Made of policies/ by \`npm run golden\`. -->

What is mandatory refuses a change, what is advisory is told. A rule sees an object by itself, before it is changed, or the
whole stack, at the end of the preview. How each is put right, and what can be set of it: [docs/policies.md](../docs/policies.md).
What the platform itself is not held to, with the reason and the last day: [config.json](config.json).
`;

/** The table of all rules, by pack. */
export function policiesReadme(): string {
  const all = packs.map(({ name, description, rules }) => {
    const rows = rules.map((rule) => ({
      ...rule,
      link: `[\`${rule.name.replace(`${name}-`, "")}\`](../docs/policies.md#${rule.name})`,
      text: `${rule.title} ${rule.why}`,
    }));
    return { name, description, rows };
  });
  const sections = all.map(({ name, description, rows }) => {
    const lines = rows.map(({ link, level, severity, sees, text }) => [link, level, severity, sees, text]);
    const table = tableOf([["rule", "level", "severity", "sees", "what and why"], ...lines]);
    return [`## ${name}`, `${description}.`, table].join("\n\n");
  });
  return `${[readmeHead.trimEnd(), ...sections].join("\n\n")}\n`;
}
