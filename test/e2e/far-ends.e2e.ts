/**
 * The configurations that lead outside, by the programs that read them: Alertmanager writes mails, calls webhooks and
 * chats, and Prometheus brings away what it measures, each with its login and over TLS. No cluster is needed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { execa } from "execa";
import { alertmanagerConfig } from "../../components/monitoring/alertmanager-plan.ts";
import { receiverPod } from "../../components/monitoring/receiver-plan.ts";
import { receiverSchema } from "../../components/monitoring/receiver-schema.ts";
import { prometheusConfig } from "../../components/monitoring/prometheus-files.ts";
import { remoteWriteSchema } from "../../components/monitoring/remote-write-schema.ts";
import { until } from "../../embedded/run.ts";
import { ensureTools } from "../../toolchain/index.ts";
import { httpsServer, mailServer, selfSigned } from "./far-ends.ts";
import { freePort } from "./fixtures.ts";

const name = "far.example";
const password = 'correct "horse" battery';
const basic = `Basic ${Buffer.from(`quintet:${password}`).toString("base64")}`;
/** Where the files are in a pod. */
const mountedAt = /\/etc\/[a-z-]+(?=\/)/g;

/** Starts a program, waits until it answers, and ends it with the work. */
async function serving(
  program: string,
  args: readonly string[],
  url: string,
  work: () => Promise<void>,
): Promise<void> {
  const child = execa(program, args, { reject: false, stdin: "ignore", all: true });
  try {
    await until(`${program} to be ready`, 60_000, async () => (await fetch(`${url}/-/ready`)).ok, 100);
    await work();
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error((await child).all, { cause: error });
  } finally {
    child.kill("SIGKILL");
    await child;
  }
}

/** An Alertmanager of the platform's configuration, with a secret; it is told of one alert whenever that is asked. */
async function alerting(
  receiver: object,
  secret: string,
  identity: Awaited<ReturnType<typeof selfSigned>>,
  work: (tell: () => Promise<void>, failed: () => Promise<number>) => Promise<void>,
): Promise<void> {
  const { alertmanager } = await ensureTools(["alertmanager"]);
  const parsed = receiverSchema.parse(receiver);
  for (const [file, content] of Object.entries(receiverPod(parsed).files)) identity.write(file, content);
  const text = JSON.stringify(alertmanagerConfig({ receiver: parsed }));
  identity.write("secret", secret);
  const mine = identity.write("alertmanager.json", text.replaceAll(mountedAt, identity.folder));
  const listen = `127.0.0.1:${String(await freePort())}`;
  const url = `http://${listen}`;
  const args = [`--config.file=${mine}`, `--web.listen-address=${listen}`, "--cluster.listen-address="];
  await serving(alertmanager, [...args, `--storage.path=${identity.folder}/told`], url, async () => {
    const tell = async () => {
      // The one that nobody waits for to be grouped.
      const annotations = { summary: "Alerts come through.", runbook_url: "docs/alerts.md#watchdog" };
      const body = JSON.stringify([{ labels: { alertname: "Watchdog", severity: "none" }, annotations }]);
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(`${url}/api/v2/alerts`, { method: "POST", headers, body });
      assert.equal(answer.status, 200, await answer.text());
    };
    await work(tell, async () => {
      const figures = await (await fetch(`${url}/metrics`)).text();
      const counts = figures.matchAll(/^alertmanager_notification_requests_failed_total\{.*\} (\d+)$/gm);
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    });
  });
}

const addresses = { from: "quintet@acme.example", to: ["ops@acme.example", "night@acme.example"] };
const trusted = (cert: string) => ({ ca: cert, serverName: name });

for (const [how, place] of [
  ["by STARTTLS", {}],
  ["with TLS from the first byte", { host: "127.0.0.9", port: 465 }],
] as const) {
  test(`a mail is written to everybody, ${how}, with a login`, async () => {
    using identity = await selfSigned(name);
    await using server = await mailServer(identity, { user: "quintet", password }, place);
    const mail = { kind: "email", server: server.address, ...addresses, username: "quintet" };
    await alerting({ ...mail, tls: trusted(identity.cert) }, password, identity, async (tell) => {
      await tell();
      await until("the mail", 30_000, () => Promise.resolve(server.mails.length > 0), 100);
    });
    const { user, from, to, secure, data } = server.mails[0] ?? assert.fail();
    assert.deepEqual([user, from, to, secure], ["quintet", addresses.from, addresses.to, true]);
    assert.match(data, /^Subject: .*Watchdog/m);
    assert.match(data, /Alerts come through/);
  });
}

test("no mail is written where the server is somebody else, or the password is wrong", async () => {
  using identity = await selfSigned(name);
  await using server = await mailServer(identity, { user: "quintet", password });
  const mail = { kind: "email", server: server.address, ...addresses, username: "quintet" };
  await alerting(mail, password, identity, async (tell, failed) => {
    await tell();
    await until("a mail that fails", 30_000, async () => (await failed()) > 0, 200);
  });
  assert.deepEqual([server.mails, server.refused], [[], []], "somebody unknown was believed");
  await alerting({ ...mail, tls: trusted(identity.cert) }, "wrong", identity, async (tell, failed) => {
    await tell();
    await until("a mail that fails", 30_000, async () => (await failed()) > 0, 200);
  });
  assert.deepEqual(server.mails, []);
  assert.ok(server.refused.includes("quintet"));
});

test("a webhook is called with its login over TLS, and with a token", async () => {
  using identity = await selfSigned(name);
  const wanted = { "/basic": basic, "/bearer": "Bearer a-token" };
  await using server = await httpsServer(identity, wanted);
  for (const [kind, secret] of [
    ["basic", password],
    ["bearer", "a-token"],
  ] as const) {
    const authentication = kind === "basic" ? { kind, username: "quintet" } : { kind };
    const hook = { kind: "webhook", url: `${server.url}/${kind}`, authentication, tls: trusted(identity.cert) };
    await alerting(hook, secret, identity, async (tell) => {
      await tell();
      await until("the webhook's call", 30_000, () => Promise.resolve(server.calls.length === 1), 100);
    });
    const { body = "" } = server.calls.pop() ?? {};
    assert.equal((JSON.parse(body) as { groupLabels: { alertname: string } }).groupLabels.alertname, "Watchdog");
  }
  assert.deepEqual(server.refused, []);
});

test("a chat is called by its secret URL, and says what is wrong and where to read on", async () => {
  using identity = await selfSigned(name);
  await using server = await httpsServer(identity, {});
  const chat = { kind: "slack", channel: "#alerts", tls: trusted(identity.cert) };
  await alerting(chat, `${server.url}/services/T0/B0`, identity, async (tell) => {
    await tell();
    await until("the chat's call", 30_000, () => Promise.resolve(server.calls.length > 0), 100);
  });
  const { path, body } = server.calls[0] ?? assert.fail();
  const said = JSON.parse(body) as { channel: string; attachments: { title: string; text: string }[] }; // Slack's form
  assert.deepEqual([path, said.channel], ["/services/T0/B0", "#alerts"]);
  assert.match(said.attachments[0]?.title ?? "", /FIRING:1.*Watchdog/);
  assert.match(said.attachments[0]?.text ?? "", /^Alerts come through\.\ndocs\/alerts\.md#watchdog/);
});

test("Prometheus brings what it measures with its login over TLS, and nobody is believed who is not named", async () => {
  const { prometheus } = await ensureTools(["prometheus"]);
  using identity = await selfSigned(name);
  await using server = await httpsServer(identity, { "/write": basic });
  const running = async (tls: object, work: (figure: (series: string) => Promise<number>) => Promise<void>) => {
    const authentication = { kind: "basic", username: "quintet" };
    const remoteWrite = remoteWriteSchema.parse({ url: `${server.url}/write`, authentication, tls });
    const { remote_write } = prometheusConfig([], { interval: "30s", external: {}, remoteWrite });
    const listen = `127.0.0.1:${String(await freePort())}`;
    const scrape_configs = [{ job_name: "own", scrape_interval: "1s", static_configs: [{ targets: [listen] }] }];
    identity.write("remote-write-ca.pem", identity.cert);
    const text = JSON.stringify({ scrape_configs, remote_write });
    identity.write("secret", password);
    const file = identity.write("prometheus.json", text.replaceAll(mountedAt, identity.folder));
    const args = [`--config.file=${file}`, `--web.listen-address=${listen}`];
    const url = `http://${listen}`;
    await serving(prometheus, [...args, `--storage.tsdb.path=${identity.folder}/measured`], url, () =>
      work(async (series) => {
        const figures = await (await fetch(`${url}/metrics`)).text();
        return Number(new RegExp(`^${series}\\{.*\\} (\\S+)$`, "m").exec(figures)?.[1]);
      }),
    );
  };
  await running(trusted(identity.cert), async (figure) => {
    await until("samples at the far end", 30_000, () => Promise.resolve(server.calls.length > 2), 100);
    assert.ok((await figure("prometheus_remote_storage_samples_total")) > 0);
    assert.equal(await figure("prometheus_remote_storage_samples_failed_total"), 0);
  });
  assert.deepEqual(server.refused, []);
  const before = server.calls.length;
  await running({ serverName: name }, async (figure) => {
    const tried = async () => (await figure("prometheus_remote_storage_samples_retried_total")) > 0;
    await until("samples that are tried again", 30_000, tried, 200);
  });
  assert.equal(server.calls.length, before, "somebody unknown was believed");
});
