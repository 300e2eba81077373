import { callsMade, callsOfClients } from "../../components/proxy-statistics.ts";

/** Whether Envoy keeps a statistic: its patterns are of whole names. */
const keeps = (pattern: string, name: string) => new RegExp(`^(?:${pattern})$`).test(name);
const cluster = "cluster.outbound|80|v2|catalog.bookstore.svc.cluster.local;";

test.each([
  "upstream_rq_2xx",
  "upstream_rq_503",
  "upstream_rq_time",
  "upstream_rq_total",
  "upstream_rq_retry",
  "upstream_cx_rx_bytes_total",
  "upstream_cx_tx_bytes_total",
])("of a call that a pod makes %s is kept", (name) => {
  expect(keeps(callsMade, `${cluster}.${name}`)).toBe(true);
});

test.each([
  `${cluster}.external.upstream_rq_2xx`, // the same answers once more
  `${cluster}.external.upstream_rq_time`,
  `${cluster}.upstream_cx_total`,
  "cluster.inbound|1323||;.upstream_rq_2xx",
  "cluster.xds-grpc;.upstream_rq_2xx",
])("%s is not kept", (name) => {
  expect(keeps(callsMade, name)).toBe(false);
});

test("a gateway keeps what its clients have called, by listener, and nothing of its agent's own", () => {
  const of = (listener: string, name: string) => keeps(callsOfClients, `http.${listener};.${name}`);
  for (const name of ["downstream_rq_2xx", "downstream_rq_time", "downstream_cx_tx_bytes_total"]) {
    expect(of("outbound_0.0.0.0_8443", name)).toBe(true);
    expect(of("stats", name)).toBe(false);
  }
  expect(of("outbound_0.0.0.0_8443", "downstream_rq_total")).toBe(false);
});
