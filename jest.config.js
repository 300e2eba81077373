/** Packages, with what they import, that exist as ES modules only: they are transformed as our own sources are. */
const esModules = [
  "@sec-ant/readable-stream",
  "@sindresorhus/merge-streams",
  "d3-array",
  "d3-color",
  "d3-format",
  "d3-interpolate",
  "d3-path",
  "d3-scale",
  "d3-shape",
  "d3-time",
  "d3-time-format",
  "execa",
  "figures",
  "get-stream",
  "human-signals",
  "internmap",
  "is-network-error",
  "is-plain-obj",
  "is-stream",
  "is-unicode-supported",
  "npm-run-path",
  "p-retry",
  "parse-ms",
  "path-key",
  "pretty-ms",
  "strip-final-newline",
  "unicorn-magic",
  "yoctocolors",
];

/** @type {import("jest").Config} */
export default {
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  testPathIgnorePatterns: ["<rootDir>/test/e2e/"],
  modulePathIgnorePatterns: ["<rootDir>/tools/"],
  transform: {
    "\\.m?[jt]s$": [
      "@swc/jest",
      { jsc: { target: "es2024", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  // Its exports name no entry for require().
  moduleNameMapper: { "^unicorn-magic$": "<rootDir>/node_modules/unicorn-magic/node.js" },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules.join("|")})/)`],
  // Loading the Pulumi SDK is most of a test file's time: two workers on two cores, as many as that makes worth while.
  maxWorkers: 2,
};
