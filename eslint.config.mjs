import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/** The Pulumi mistakes that the compiler does not see. test/eslint.test.ts shows that each of them is caught. */
const bans = {
  resourceInApply: {
    selector:
      "CallExpression[callee.property.name='apply'] NewExpression:matches([arguments.0.type=/^(Literal|TemplateLiteral)$/], [arguments.length=3])",
    message: "A resource in apply is missing from the preview. Make it outside, and hand it the output as an argument.",
  },
  childWithoutOptions: {
    selector:
      "ClassDeclaration[superClass] NewExpression[arguments.length<3][arguments.0.type=/^(Literal|TemplateLiteral)$/]:not([callee.name=/Error$/])",
    message:
      "A component's child needs options with `parent: this`, or it hangs at the stack and gets a default provider.",
  },
  configElsewhere: {
    selector:
      "NewExpression[callee.name='Config'], NewExpression[callee.property.name='Config'], MemberExpression[property.name='allConfig']",
    message: "Only config.ts reads the configuration. Take the value as an argument.",
  },
  environmentElsewhere: {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: "Only config.ts reads the environment. Take the value as an argument.",
  },
};

const program = ["*.ts", "components/**/*.ts", "policies/**/*.ts"];

export default defineConfig(
  { ignores: ["node_modules/", "tools/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/strict-boolean-expressions": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", package: "node:test", name: ["describe", "it", "suite", "test"] },
          ],
        },
      ],
      "no-restricted-syntax": ["error", bans.resourceInApply, bans.childWithoutOptions],
    },
  },
  {
    files: program,
    rules: { "no-restricted-syntax": ["error", ...Object.values(bans)] },
  },
  {
    files: ["config.ts"],
    rules: { "no-restricted-syntax": ["error", bans.resourceInApply, bans.childWithoutOptions] },
  },
);
