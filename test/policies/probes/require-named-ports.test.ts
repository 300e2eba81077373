import { requireNamedPorts } from "../../../policies/probes/require-named-ports.ts";
import { at, kindsOf, port, saidOfContainer } from "./cases.ts";

const said = (change: object) => saidOfContainer(requireNamedPorts, change);

test("accepts the baseline, numbers, and other ways to ask", () => {
  for (const change of [
    {},
    { readinessProbe: { tcpSocket: { port: 9 } } },
    { readinessProbe: { tcpSocket: { port: "8080" } } },
    { livenessProbe: { exec: { command: ["true"] } } },
    { ports: [{ containerPort: 9090 }, { name: "metrics", containerPort: 9091 }, port] },
  ]) {
    expect(said(change)).toEqual([]);
  }
});

test.each(["readinessProbe.httpGet", "livenessProbe.tcpSocket", "startupProbe.httpGet", "lifecycle.preStop.httpGet"])(
  "refuses a name that is none of the container's in %s",
  (place) => {
    const change = place.split(".").reduceRight<object>((inner, key) => ({ [key]: inner }), { port: "web" });
    expect(said(change)).toEqual([
      `Deployment shop/web: container "app" has no port of the name "web". Correct ${at}.${place}.port, or name the port in ${at}.ports.`,
    ]);
  },
);

test("no ports, and those of another container, are no help; in every form", () => {
  const missing = (probe: string): unknown =>
    expect.stringContaining(`container "app" has no port of the name "http". Correct ${at}.${probe}.httpGet.port`);
  const both = [missing("readinessProbe"), missing("livenessProbe")];
  expect(said({ ports: undefined })).toEqual(both);
  expect(said({ ports: [{ containerPort: 8080 }] })).toEqual(both);
  expect(kindsOf(requireNamedPorts, { ports: [{ containerPort: 8080 }] })).toHaveLength(9);
});
