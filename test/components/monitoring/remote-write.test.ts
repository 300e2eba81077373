import { remoteWriteEntry, remoteWritePod } from "../../../components/monitoring/remote-write-plan.ts";
import { remoteWriteProblems, remoteWriteSchema } from "../../../components/monitoring/remote-write-schema.ts";

const url = "https://metrics.example/api/v1/write";
const written = (more: object = {}) => remoteWriteSchema.parse({ url, ...more });
const basic = { kind: "basic", username: "quintet" };

test("brings everything to its URL, and logs in nowhere, unless it is told to", () => {
  expect(remoteWriteEntry(written())).toEqual({
    name: "remote",
    url,
    queue_config: { max_shards: 10, capacity: 10_000, max_samples_per_send: 2000 },
  });
  expect(remoteWritePod(written())).toMatchObject({ env: [{ name: "POD_NAME" }], mounts: [], volumes: [] });
  expect(remoteWritePod(undefined)).toEqual({ env: [], mounts: [], volumes: [] });
});

test("keeps what is wanted alone, by whole names", () => {
  expect(remoteWriteEntry(written({ keep: "up|kube_.*" })).write_relabel_configs).toEqual([
    { source_labels: ["__name__"], regex: "up|kube_.*", action: "keep" },
  ]);
});

test("logs in by a file out of the Secret, as a user or with a token", () => {
  const file = "/etc/prometheus-remote-write/secret";
  expect(remoteWriteEntry(written({ authentication: basic }))).toMatchObject({
    basic_auth: { username: "quintet", password_file: file },
  });
  expect(remoteWriteEntry(written({ authentication: { kind: "bearer" } }))).toMatchObject({
    authorization: { credentials_file: file },
  });
  expect(remoteWritePod(written({ authentication: basic }))).toMatchObject({
    mounts: [{ mountPath: "/etc/prometheus-remote-write", readOnly: true }],
    volumes: [{ secret: { secretName: "prometheus-remote-write" } }],
  });
});

test("trusts who is named, under the name that is named", () => {
  const ca = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  expect(remoteWriteEntry(written({ tls: { ca } })).tls_config).toEqual({ ca_file: "remote-write-ca.pem" });
  expect(remoteWriteEntry(written({ tls: { serverName: "m.example" } })).tls_config).toEqual({
    server_name: "m.example",
  });
});

test.each([
  ["no URL", { url: "metrics.example" }, "must be a URL like"],
  ["a URL with a login", { url: "https://a:b@metrics.example/" }, "holds a login"],
  ["an expression that is cut off", { keep: "up|(" }, ""],
  ["a CA that is none", { tls: { ca: "metrics-ca" } }, "must be certificates as PEM"],
  ["a queue without shards", { queue: { maxShards: 0 } }, "must be a whole number from 1 to 200"],
  ["a user without a name", { authentication: { kind: "basic" } }, ""],
])("refuses %s", (_, more, words) => {
  const { error } = remoteWriteSchema.safeParse({ url, ...more });
  expect(error?.issues.map(({ message }) => message)).toEqual([expect.stringContaining(words)]);
});

test("a login wants its secret, and TLS on the way", () => {
  const logsIn = written({ authentication: basic });
  expect(remoteWriteProblems(logsIn, "s")).toEqual([]);
  expect(remoteWriteProblems(logsIn, "")).toEqual([[["remoteWriteSecret"], expect.stringContaining("is missing")]]);
  expect(remoteWriteProblems(written({ authentication: basic, url: "http://metrics.example/" }), "s")).toEqual([
    [["monitoring", "remoteWrite", "url"], expect.stringContaining("without TLS")],
  ]);
});

test("a secret wants somebody who logs in with it", () => {
  for (const remote of [undefined, written()]) {
    expect(remoteWriteProblems(remote, "")).toEqual([]);
    expect(remoteWriteProblems(remote, "s")).toEqual([
      [["remoteWriteSecret"], expect.stringContaining("logs in nowhere")],
    ]);
  }
});
