import { receiverEntry, receiverPod } from "../../../components/monitoring/receiver-plan.ts";
import { receiverProblems, receiverSchema } from "../../../components/monitoring/receiver-schema.ts";

const ca = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const file = "/etc/alertmanager-receiver/secret";
const hook = { kind: "webhook", url: "https://alerts.example/hook" };
const mail = {
  kind: "email",
  server: "smtp.acme.example:587",
  from: "quintet@acme.example",
  to: ["ops@acme.example", "night@acme.example"],
};
const written = (receiver: object) => receiverSchema.parse(receiver);

test("a webhook is called as it is, or with a login by a file, and whoever is named is believed", () => {
  expect(receiverEntry(written(hook))).toEqual({ webhook_configs: [{ url: hook.url, send_resolved: true }] });
  expect(
    receiverEntry(written({ ...hook, authentication: { kind: "bearer" }, tls: { ca, serverName: "hook" } })),
  ).toMatchObject({
    webhook_configs: [
      {
        http_config: {
          authorization: { credentials_file: file },
          tls_config: { ca_file: "/etc/alertmanager/receiver-ca.pem", server_name: "hook" },
        },
      },
    ],
  });
});

test("mail goes to everybody who is named, and never without TLS", () => {
  expect(receiverEntry(written({ ...mail, username: "quintet" }))).toEqual({
    email_configs: [
      {
        to: "ops@acme.example, night@acme.example",
        from: mail.from,
        smarthost: mail.server,
        require_tls: true,
        auth_username: "quintet",
        auth_password_file: file,
        send_resolved: true,
      },
    ],
  });
  // There it is TLS from the first byte, and STARTTLS is not offered.
  expect(receiverEntry(written({ ...mail, server: "smtp.acme.example:465" }))).toMatchObject({
    email_configs: [{ require_tls: false }],
  });
  expect(JSON.stringify(receiverEntry(written(mail)))).not.toContain("auth_");
});

test("a chat is called by the URL in the Secret, and says what is wrong and where to read on", () => {
  expect(receiverEntry(written({ kind: "slack", channel: "#alerts" }))).toMatchObject({
    slack_configs: [
      {
        api_url_file: file,
        channel: "#alerts",
        send_resolved: true,
        text: expect.stringContaining("runbook_url") as unknown,
      },
    ],
  });
  expect(receiverEntry(written({ kind: "slack" }))).not.toMatchObject({
    slack_configs: [{ channel: expect.anything() as unknown }],
  });
});

test("the pod has the Secret and the CA where they are wanted, and nothing else", () => {
  for (const receiver of [{ kind: "none" }, hook, mail]) {
    expect(receiverPod(written(receiver))).toEqual({ files: {}, mounts: [], volumes: [] });
  }
  expect(receiverPod(written({ ...mail, username: "quintet", tls: { ca } }))).toMatchObject({
    files: { "receiver-ca.pem": ca },
    mounts: [{ mountPath: "/etc/alertmanager-receiver", readOnly: true }],
    volumes: [{ secret: { secretName: "alertmanager-receiver" } }],
  });
});

test.each([
  ["a URL without a scheme", { ...hook, url: "alerts.example" }, "must be the URL of a webhook"],
  ["a URL with a login", { ...hook, url: "https://a:b@alerts.example/" }, "set quintet:alertReceiverSecret"],
  ["a mail server without a port", { ...mail, server: "smtp.acme.example" }, "with its port"],
  ["a port that there is not", { ...mail, server: "smtp.acme.example:70000" }, "has no such port"],
  ["mail to nobody", { ...mail, to: [] }, "names nobody"],
  ["mail to what is no address", { ...mail, to: ["ops"] }, "must be an address like"],
  ["a channel that is a word", { kind: "slack", channel: "alerts" }, "must be a channel like #alerts"],
  ["a kind that there is not", { kind: "pigeon" }, '"webhook", "email", "slack" or "none"'],
])("refuses %s", (_, receiver, words) => {
  const { error } = receiverSchema.safeParse(receiver);
  expect(error?.issues.map(({ message }) => message)).toEqual([expect.stringContaining(words)]);
});

test.each<readonly [who: string, receiver: object, secret: string, problem: string | undefined]>([
  ["nobody", { kind: "none" }, "", undefined],
  ["nobody, and a secret", { kind: "none" }, "s", "logs in nowhere"],
  ["a webhook that asks for nothing", hook, "", undefined],
  ["a webhook with a token", { ...hook, authentication: { kind: "bearer" } }, "s", undefined],
  ["a webhook without its token", { ...hook, authentication: { kind: "bearer" } }, "", "is missing"],
  [
    "a token over plain HTTP",
    { ...hook, url: "http://alerts.example/", authentication: { kind: "bearer" } },
    "s",
    "without TLS",
  ],
  ["mail without a login", mail, "", undefined],
  ["mail with a login and no password", { ...mail, username: "quintet" }, "", "npm run secret -- alertReceiverSecret"],
  ["a chat", { kind: "slack" }, "https://hooks.example/T0/B0", undefined],
  ["a chat without its URL", { kind: "slack" }, "", "is missing"],
  ["a chat with what is no URL", { kind: "slack" }, "T0/B0", "must be the URL of Slack's incoming webhook"],
])("%s: the secret is there where it is needed", (_, receiver, secret, problem) => {
  const found = receiverProblems(written(receiver), secret).map(([, says]) => says);
  expect(found).toEqual(problem === undefined ? [] : [expect.stringContaining(problem)]);
});
