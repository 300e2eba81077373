import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { parse } from "yaml";
import { goldenFile, root, stacks } from "./lib/stacks.ts";

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: string | Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group?: string };
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(root, ".github", "workflows");
const files = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file));
const textOf = (file: string) => readFileSync(join(folder, file), "utf8");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Readonly<Record<string, string>>;
};

/** What each job may do; a job that is not here may do nothing. */
const allowed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  check: { contents: "read" },
  policies: { contents: "read" },
  "code-scanning": { actions: "read", "security-events": "write" },
  cluster: { contents: "read" },
  dev: { contents: "read" },
  environment: { contents: "read", "id-token": "write" },
  long: { contents: "read" },
  upgrade: { contents: "read" },
  comment: { actions: "read", "pull-requests": "write" },
};

const triggersOf = ({ on }: Workflow): string[] => (typeof on === "string" ? [on] : Object.keys(on));
const jobsOf = (workflow: Workflow) => Object.entries(workflow.jobs);
const stepsOf = (workflow: Workflow) => jobsOf(workflow).flatMap(([, { steps }]) => steps);

/** Each law answers with what breaks it. */
const laws: Readonly<Record<string, (workflow: Workflow, text: string) => string[]>> = {
  "every action is pinned by its commit, with its version beside it": (_, text) =>
    [...text.matchAll(/^.*\buses:.*$/gm)]
      .map(([line]) => line.trim())
      .filter((line) => !/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line)),
  "a workflow has no permissions, a job the least": (workflow) => [
    ...(JSON.stringify(workflow.permissions) === "{}" ? [] : ["permissions of the workflow"]),
    ...jobsOf(workflow)
      .filter(([name, job]) => JSON.stringify(job.permissions) !== JSON.stringify(allowed[name] ?? {}))
      .map(([name]) => `permissions of ${name}`),
  ],
  "what may write checks nothing out, and pull_request_target is not used": (workflow) => [
    ...triggersOf(workflow).filter((trigger) => trigger === "pull_request_target"),
    ...jobsOf(workflow)
      .filter(([, job]) => triggersOf(workflow).includes("workflow_run") || writes(job))
      .filter(([, { steps }]) =>
        steps.some(({ uses = "", run = "" }) => /checkout/.test(uses) || /git |npm /.test(run)),
      )
      .map(([name]) => name),
  ],
  "no checkout leaves its token behind": (workflow) =>
    stepsOf(workflow).flatMap(({ uses = "", with: given }) =>
      uses.startsWith("actions/checkout@") && given?.["persist-credentials"] !== false ? [uses] : [],
    ),
  "runs of one pull request do not pile up": ({ on, concurrency }) =>
    !JSON.stringify(on).includes("pull_request") || /\$\{\{ github\.event\..*\}\}/.test(concurrency?.group ?? "")
      ? []
      : ["concurrency"],
  "every job ends": (workflow) =>
    jobsOf(workflow).flatMap(([name, job]) => (job["timeout-minutes"] === undefined ? [name] : [])),
  "every npm command is one of package.json": (workflow) =>
    stepsOf(workflow).flatMap(({ run = "" }) =>
      [...run.matchAll(/\bnpm (?:run )?([\w:-]+)/g)]
        .map(([, script = ""]) => script)
        .filter((script) => !(script in scripts)),
    ),
  "no script is written by an expression: values come through env": (workflow) =>
    stepsOf(workflow).flatMap(({ run = "" }) => run.match(/\$\{\{[^}]*\}\}/g) ?? []),
  "a secret goes only to a job with an environment": (workflow, text) =>
    jobsOf(workflow)
      .filter(([, job]) => !("environment" in job) && JSON.stringify(job).includes("secrets."))
      .map(([name]) => name)
      .concat(/^env:[^]*?\bsecrets\.[^]*?^\S/m.test(text) ? ["env of the workflow"] : []),
  "no cache holds the secrets beside the tools": (workflow) =>
    stepsOf(workflow)
      .filter(({ uses = "" }) => uses.startsWith("actions/cache@"))
      .flatMap(({ with: given }) => String(given?.["path"]).trim().split("\n"))
      .filter((path) => !/^~\/\.cache\/quintet\/(tools|images)$/.test(path)),
};

/** True when the job's token changes something on GitHub; one for OIDC does not. */
const writes = ({ permissions = {} }: Job): boolean =>
  Object.entries(permissions).some(([name, right]) => right === "write" && name !== "id-token");

function broken(text: string): string[] {
  const workflow = parse(text) as Workflow;
  return Object.entries(laws).flatMap(([law, judge]) => judge(workflow, text).map((what) => `${law}: ${what}`));
}

test.each(files)("%s keeps every law", (file) => {
  expect(broken(textOf(file))).toEqual([]);
});

const good = `
name: good
on: pull_request
permissions: {}
concurrency:
  group: good-\${{ github.event.pull_request.number }}
jobs:
  check:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@0123456789012345678901234567890123456789 # v7.0.1
        with:
          persist-credentials: false
      - uses: actions/cache@0123456789012345678901234567890123456789 # v5.0.5
        with:
          path: ~/.cache/quintet/tools
      - run: npm test
`;

test("a good workflow breaks no law", () => {
  expect(broken(good)).toEqual([]);
});

test.each([
  ["an action by tag", /@\d{40} # v7.0.1/, "@v7", "every action is pinned"],
  ["an action without its version", / # v7.0.1/, "", "every action is pinned"],
  ["an action with a short commit", /@\d{40} # v5/, "@0123456 # v5", "every action is pinned"],
  ["no permissions at all", /^permissions: {}\n/m, "", "a workflow has no permissions"],
  ["permissions for every job", /^permissions: {}/m, "permissions: write-all", "a workflow has no permissions"],
  ["a job that may more", /contents: read/, "contents: write", "a workflow has no permissions"],
  ["a job without permissions", / {4}permissions:\n.*\n/, "", "a workflow has no permissions"],
  ["an unknown job with a right", / {2}check:/, "  other:", "a workflow has no permissions"],
  ["pull_request_target", /on: pull_request/, "on: pull_request_target", "what may write checks nothing out"],
  ["a checkout after a workflow_run", /on: pull_request/, "on: { workflow_run: {} }", "what may write checks nothing"],
  ["a checkout beside a right to write", /contents: read/, "pull-requests: write", "what may write checks nothing"],
  ["a token that stays", /persist-credentials: false/, "fetch-depth: 2", "no checkout leaves its token"],
  ["no concurrency", /concurrency:\n.*\n/, "", "runs of one pull request"],
  ["one run for all pull requests", /good-\$\{\{.*\}\}/, "good", "runs of one pull request"],
  ["a job without an end", / {4}timeout-minutes: 5\n/, "", "every job ends"],
  ["an npm command that is not there", /npm test/, "npm run no-such", "every npm command"],
  ["a title in a script", /npm test/, "echo ${{ github.event.pull_request.title }}", "no script is written by"],
  ["a branch in a script", /npm test/, "echo ${{ github.head_ref }}", "no script is written by"],
  [
    "a secret for everyone",
    /run: npm test/,
    "run: npm test\n        env: { T: '${{ secrets.T }}' }",
    "a secret goes only",
  ],
  ["a secret for every job", /^jobs:/m, "env:\n  T: ${{ secrets.T }}\njobs:", "a secret goes only"],
  ["a cache with stacks in it", /quintet\/tools/, "quintet", "no cache holds the secrets"],
])("%s is caught", (_, from, to, law) => {
  const text = good.replace(from, () => to);
  expect(text).not.toBe(good);
  expect(broken(text)).toEqual(expect.arrayContaining([expect.stringContaining(law)]));
});

test("every job that is allowed something is there", () => {
  const jobs = files.flatMap((file) => Object.keys((parse(textOf(file)) as Workflow).jobs));
  expect(jobs.sort()).toEqual(Object.keys(allowed).sort());
});

test("the policies are asked about every stack, and all that they say goes to code scanning", () => {
  const { jobs } = parse(textOf("check.yml")) as Workflow;
  const commands = (jobs["policies"]?.steps ?? []).flatMap(({ run }) => run ?? []);
  expect(commands.sort()).toEqual(
    stacks
      .map(
        (stack) =>
          `npm run policy -- check ${relative(root, goldenFile(stack))} --stack ${stack} --sarif --output ${stack}.sarif`,
      )
      .sort(),
  );
  const given = (job: string, action: string) =>
    jobs[job]?.steps.find(({ uses = "" }) => uses.startsWith(`${action}@`))?.with;
  expect(given("policies", "actions/upload-artifact")).toMatchObject({ name: "policies", path: "*.sarif" });
  const { name, path } = given("code-scanning", "actions/download-artifact") ?? {};
  expect(name).toBe("policies");
  expect(given("code-scanning", "github/codeql-action/upload-sarif")).toEqual({ sarif_file: path });
});

describe("the comment", () => {
  const [step] = (parse(textOf("preview-comment.yml")) as Workflow).jobs["comment"]?.steps ?? [];
  let dir = "";
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "quintet-comment-"));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  /** Stands for `gh`: answers from the files of the test, and writes down what it would have posted. */
  const gh = `#!/usr/bin/env bash
case "$*" in
  *"/artifacts"*) ls artifacts | wc -l ;;
  *"/pulls "*) cat pulls ;;
  "run download"*) cp -r artifacts previews ;;
  *"--method PATCH"* | *"--method POST"*) echo "$4 $5" >> posted; cp body.md "body-$(basename "$5")" ;;
  *"/comments "*) cat "comments-$MARKER" 2>/dev/null || true ;;
  *) echo "no answer to: $*" >&2; exit 1 ;;
esac
`;

  function comment(
    artifacts: Readonly<Record<string, string>>,
    world: { readonly pulls?: string; readonly comments?: Readonly<Record<string, string>>; readonly fork?: true } = {},
  ) {
    mkdirSync(join(dir, "bin"));
    writeFileSync(join(dir, "bin", "gh"), gh, { mode: 0o755 });
    writeFileSync(join(dir, "pulls"), world.pulls ?? "7\n");
    mkdirSync(join(dir, "artifacts"));
    for (const [path, text] of Object.entries(artifacts)) {
      mkdirSync(dirname(join(dir, "artifacts", path)), { recursive: true });
      writeFileSync(join(dir, "artifacts", path), text);
    }
    for (const [stack, ids] of Object.entries(world.comments ?? {})) {
      writeFileSync(join(dir, `comments-<!-- quintet: preview of ${stack} -->`), ids);
    }
    expect(step?.shell).toBe("bash");
    const { status, stderr } = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", step?.run ?? ""], {
      cwd: dir,
      encoding: "utf8",
      env: {
        PATH: `${join(dir, "bin")}:${process.env["PATH"] ?? ""}`,
        REPO: "owner/quintet",
        RUN_ID: "1",
        RUN_URL: "https://example.com/run",
        HEAD_REPO: world.fork === true ? "stranger/quintet" : "owner/quintet",
        HEAD: "owner:branch",
        SHA: "abc",
      },
    });
    expect([status, stderr]).toEqual([0, ""]);
    return existsSync(join(dir, "posted")) ? readFileSync(join(dir, "posted"), "utf8").trim().split("\n") : [];
  }

  test("is made once", () => {
    expect(comment({ "preview-dev/comment.md": "### Preview" })).toEqual([
      "POST repos/owner/quintet/issues/7/comments",
    ]);
    expect(readFileSync(join(dir, "body-comments"), "utf8")).toBe(
      "<!-- quintet: preview of dev -->\n### Preview\n\n<sub>Commit abc, [the run](https://example.com/run)</sub>\n",
    );
  });

  test("is edited after that, the first where there are several", () => {
    const posted = comment({ "preview-dev/comment.md": "new" }, { comments: { dev: "41\n42\n" } });
    expect(posted).toEqual(["PATCH repos/owner/quintet/issues/comments/41"]);
    expect(readFileSync(join(dir, "body-41"), "utf8")).toContain("\nnew\n");
  });

  test("is one for each stack", () => {
    const artifacts = { "preview-prod/comment.md": "a", "preview-staging/comment.md": "b" };
    expect(comment(artifacts, { comments: { staging: "5\n" } })).toEqual([
      "POST repos/owner/quintet/issues/7/comments",
      "PATCH repos/owner/quintet/issues/comments/5",
    ]);
  });

  test("of a fork is for dev alone", () => {
    const artifacts = { "preview-dev/comment.md": "a", "preview-prod/comment.md": "No changes" };
    expect(comment(artifacts, { fork: true })).toHaveLength(1);
    expect(readFileSync(join(dir, "body-comments"), "utf8")).toContain("preview of dev");
  });

  test("is cut to what GitHub takes", () => {
    comment({ "preview-dev/comment.md": "x".repeat(100_000) });
    expect(readFileSync(join(dir, "body-comments"), "utf8").length).toBeLessThan(65_536);
  });

  test.each([
    { when: "no pull request has this commit any more", artifacts: { "preview-dev/comment.md": "a" }, pulls: "" },
    { when: "there is no preview", artifacts: {}, pulls: "7\n" },
    {
      when: "the artifact has another name than a stack",
      artifacts: { "preview-$(id)/comment.md": "a" },
      pulls: "7\n",
    },
  ])("is not made when $when", ({ artifacts, pulls }) => {
    expect(comment(artifacts as Record<string, string>, { pulls })).toEqual([]);
  });
});
