import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./lib/stacks.ts";

const component = (body: string) =>
  `class Shop extends pulumi.ComponentResource { constructor(name, args, opts) { super("t", name, {}, opts); ${body} } }`;

/** What is wrong, where it stands, its text, and the start of what the linter must say; nothing when it is right. */
const cases = [
  [
    "a resource in apply",
    "components/shop.ts",
    'id.apply((v) => new Bucket("b", { v }, { parent }));',
    "A resource in apply",
  ],
  [
    "a resource in a nested apply",
    "components/shop.ts",
    "pulumi.all([a]).apply(() => { if (a) { new k8s.core.v1.Pod(`${name}-pod`, {}, { parent }); } });",
    "A resource in apply",
  ],
  [
    "a resource in apply by a name from elsewhere",
    "components/shop.ts",
    "id.apply((v) => new Bucket(name, { v }, opts));",
    "A resource in apply",
  ],
  ["a value made in apply", "components/shop.ts", "id.apply((v) => new URL(v).host);", undefined],
  [
    "a child without options",
    "components/shop.ts",
    component('new Bucket("b", {});'),
    "A component's child needs options",
  ],
  [
    "a child with a name alone",
    "components/shop.ts",
    component("new Bucket(`${name}-b`);"),
    "A component's child needs",
  ],
  ["a child with options", "components/shop.ts", component('new Bucket("b", {}, { parent: this });'), undefined],
  ["an error in a component", "components/shop.ts", component('throw new Error("no");'), undefined],
  ["Config in a component", "components/shop.ts", "new pulumi.Config();", "Only config.ts reads the configuration"],
  ["Config in the platform", "platform.ts", 'new Config("quintet");', "Only config.ts reads the configuration"],
  [
    "the flat configuration",
    "policies/qos/rule.ts",
    "pulumi.runtime.allConfig();",
    "Only config.ts reads the configuration",
  ],
  ["the environment", "components/shop.ts", 'process.env["HOME"];', "Only config.ts reads the environment"],
  ["the environment in the edge", "index.ts", "process.env.HOME;", "Only config.ts reads the environment"],
  ["both in config.ts", "config.ts", "process.env.HOME; runtime.allConfig();", undefined],
] as const;

/** Lints all cases under the project's own config, without the rules that need types and with them the files. */
const script = `
  import { ESLint } from "eslint";
  import tseslint from "typescript-eslint";
  const eslint = new ESLint({ overrideConfig: { files: ["**/*.ts"], ...tseslint.configs.disableTypeChecked } });
  const messages = async ({ path, text }) =>
    (await eslint.lintText(text, { filePath: path }))[0].messages
      .filter(({ ruleId }) => ruleId === null || ruleId === "no-restricted-syntax").map(({ message }) => message);
  console.log(JSON.stringify(await Promise.all(JSON.parse(process.argv[1]).map(messages))));
`;

const files = cases.map(([, path, text]) => ({ path: join(root, path), text }));
const lint = () =>
  JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", script, JSON.stringify(files)], {
      cwd: root,
    }).toString(),
  ) as string[][];

test("each ban fires on its mistake, and on nothing else", () => {
  const found = lint();
  expect(cases.map(([name], index) => [name, found[index]])).toEqual(
    cases.map(([name, , , ban]) => [name, ban === undefined ? [] : [expect.stringContaining(ban)]]),
  );
}, 30_000);
