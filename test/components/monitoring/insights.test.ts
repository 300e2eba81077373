import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { logAlertNames, logAlerts } from "../../../components/logging/notify-rules.ts";
import type { Alert } from "../../../components/monitoring/insight.ts";
import { insightsOf, type Watched } from "../../../components/monitoring/insights.ts";
import { objectBackups } from "../../../components/monitoring/insights/object-backups.ts";
import { platformProbes } from "../../../components/platform-insights.ts";
import { facts, root, stackConfig } from "../../lib/stacks.ts";

const backup = { kind: "etcd", schedule: "*/15 * * * *" } as const;
const s3 = { endpoint: "https://s3.example", bucket: "acme", region: "us-east-1", prefix: "" };
const everything: Watched = {
  facts: { ...facts, controlPlaneMetrics: true },
  backup: { ...backup, s3 },
  certificates: true,
  sidecars: ["backend", "bookstore"],
  backend: { namespace: "backend", name: "backend" },
  probes: platformProbes({ ...stackConfig("dev"), facts }),
  certificateDays: 30,
  logging: { without: [] },
  tracing: true,
  remoteWrite: true,
};
/** And what takes the place of a part elsewhere. */
const every = [...insightsOf(everything), objectBackups(900)];
const alertsOf = (watched: Watched = everything): Alert[] => insightsOf(watched).flatMap(({ alerts }) => alerts);
const jobsOf = (watched: Watched = everything) =>
  insightsOf(watched).flatMap(({ scrapes }) => scrapes.map(({ job }) => job));

const everyAlert = every.flatMap(({ alerts }) => alerts);

test("no two alerts, jobs or parts have one name", () => {
  for (const names of [[...everyAlert, ...logAlerts].map(({ name }) => name), jobsOf(), every.map(({ of }) => of)]) {
    expect(new Set(names).size).toBe(names.length);
  }
});

test.each(everyAlert.map((alert) => [alert.name, alert] as const))(
  "%s says what it means and what to do, and is tested as firing and as silent",
  (name, { summary, meaning, runbook, cases }) => {
    expect(name).toMatch(/^([A-Z][a-z0-9]+)+$/);
    for (const text of [summary, meaning]) expect(text).toMatch(/[.:].*$/s);
    expect(runbook.length).toBeGreaterThan(0);
    expect(cases.some(({ fires }) => fires.length > 0)).toBe(true);
    if (name !== "Watchdog") expect(cases.some(({ fires }) => fires.length === 0)).toBe(true);
  },
);

test.each(logAlerts.map((alert) => [alert.name, alert] as const))(
  "%s, over events, says as much, and is tested as firing and as silent",
  (name, { summary, meaning, runbook, cases }) => {
    expect(name).toMatch(/^([A-Z][a-z0-9]+)+$/);
    for (const text of [summary, meaning]) expect(text).toMatch(/[.:].*$/s);
    expect(runbook.length).toBeGreaterThan(0);
    expect(cases.some(({ fires }) => fires.length > 0)).toBe(true);
    expect(cases.some(({ fires }) => fires.length === 0)).toBe(true);
  },
);

test("a rule over events is shown unless it is left out", () => {
  const shown = (without: Watched["logging"]) =>
    insightsOf({ ...everything, logging: without }).flatMap(({ logAlerts: own = [] }) => own.map(({ name }) => name));
  expect(shown({ without: [] })).toEqual([...logAlertNames]);
  expect(shown({ without: ["PodEvicted"] })).toEqual(logAlertNames.filter((name) => name !== "PodEvicted"));
  expect(shown(undefined)).toEqual([]);
});

test("an alert is said to be fired by a fault if a test waits for it on a real cluster", () => {
  const folder = join(root, "test/e2e/platform");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const tests = files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
  const said = [...everyAlert, ...logAlerts].filter(({ fired }) => "by" in fired);
  const named = [...everyAlert, ...logAlerts].filter(({ name }) => tests.includes(`"${name}"`));
  expect(said.map(({ name }) => name)).toEqual(named.map(({ name }) => name));
});

/** The words of an expression that are no functions, labels, keywords or texts: the names of series. */
function seriesIn(expr: string): string[] {
  const bare = expr
    .replace(/"(\\.|[^"\\])*"/g, '""')
    .replace(/\{[^}]*\}/g, " ")
    .replace(/\[[^\]]*\]/g, " ")
    .replace(/\boffset \w+/g, " ")
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, " ");
  return [...bare.matchAll(/[a-zA-Z_:][\w:]*/g)]
    .filter(({ 0: word, index }) => !/^\s*\(/.test(bare.slice(index + word.length)))
    .map(([word]) => word)
    .filter((word) => !["and", "or", "unless", "bool", "by", "on", "vector"].includes(word));
}

test("every series that an alert or a panel asks for is scraped and kept, or worked out beforehand", () => {
  const insights = every;
  const recorded = new Set(insights.flatMap(({ recordings = [] }) => recordings.map(({ name }) => name)));
  const keeps = insights.flatMap(({ scrapes }) => scrapes.map(({ keep }) => new RegExp(`^(?:${keep})$`)));
  const shown = insights.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries));
  const asked = [...insights.flatMap(({ alerts, recordings = [] }) => [...alerts, ...recordings]), ...shown].flatMap(
    ({ expr }) => seriesIn(expr),
  );
  expect(asked.length).toBeGreaterThan(50);
  const missing = asked.filter(
    (name) => !["up", "ALERTS"].includes(name) && !recorded.has(name) && !keeps.some((keep) => keep.test(name)),
  );
  expect(missing).toEqual([]);
});

test("a recording is worked out in the part that asks for it, or one before it", () => {
  const known = new Set<string>();
  for (const { alerts, recordings = [] } of insightsOf(everything)) {
    for (const { name } of recordings) known.add(name);
    const asked = alerts.flatMap(({ expr }) => seriesIn(expr)).filter((name) => name.includes(":"));
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  }
});

test("where objects are backed up, nobody asks for snapshots of etcd", () => {
  const names = alertsOf({ ...everything, backup: { kind: "objects", schedule: "*/15 * * * *", s3 } }).map(
    ({ name }) => name,
  );
  expect(names.filter((name) => /Backup|Drill/.test(name))).toEqual(["ObjectBackupStale", "ObjectBackupAbsent"]);
});

test("what a platform has not is neither scraped nor missed", () => {
  const least = insightsOf({
    ...everything,
    facts: { nodes: [] },
    backup: { kind: "none" },
    certificates: false,
    sidecars: undefined,
    certificateDays: undefined,
    logging: undefined,
    tracing: false,
    remoteWrite: false,
  });
  expect(least.map(({ of }) => of)).toEqual([
    "api-server",
    "kubelet",
    "kube-state-metrics",
    "node-exporter",
    "coredns",
    "probes",
    "monitoring",
  ]);
});

test("an API server is missed by its node where those are known, and found by its Service elsewhere", () => {
  const targetsOf = (of: Watched["facts"]) => insightsOf({ ...everything, facts: of })[0]?.scrapes[0]?.targets;
  expect(targetsOf(facts)).toEqual({ kind: "nodes", controlPlane: true, port: 6443 });
  expect(targetsOf({ ...facts, apiServer: { cidrs: ["10.0.0.0/24"], port: 443 } })).toEqual({ kind: "api-servers" });
  expect(targetsOf({ nodes: [] })).toEqual({ kind: "api-servers" });
});

test("a backup is stale after two that were due and ten minutes, and away where there is a bucket", () => {
  const of = (name: string, watched = everything) => alertsOf(watched).find((alert) => alert.name === name);
  expect(of("BackupStale")?.expr).toContain("> 2400");
  expect(of("BackupStale", { ...everything, backup: { ...backup, schedule: "0 */6 * * *" } })?.expr).toContain(
    "> 43800",
  );
  expect(of("BackupNotAway")).toBeDefined();
  expect(of("BackupNotAway", { ...everything, backup })).toBeUndefined();
});

test("the certificate that clients see wakes somebody when half of the time for its renewal is gone", () => {
  const exprOf = (certificateDays: number | undefined) =>
    alertsOf({ ...everything, certificateDays }).find(({ name }) => name === "PublicCertificateExpires")?.expr;
  expect(exprOf(30)).toMatch(/ < 432000$/);
  expect(exprOf(1)).toMatch(/ < 14400$/);
  expect(exprOf(undefined)).toBeUndefined();
});

test("the budgets' alerts burn at 14.4 and 6 times, over two windows each", () => {
  const exprs = alertsOf()
    .filter(({ name }) => name.startsWith("BackendErrorBudget"))
    .map(({ expr }) => expr);
  expect(exprs).toEqual([
    "quintet:backend_errors:ratio_rate1h > 0.0144 and quintet:backend_errors:ratio_rate5m > 0.0144",
    "quintet:backend_errors:ratio_rate6h > 0.006 and quintet:backend_errors:ratio_rate30m > 0.006",
  ]);
});
