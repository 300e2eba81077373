import { type Behaviour, podOf, ports } from "../../components/podinfo-plan.ts";

const spec = { image: "registry.example/podinfo:1.2.3", resources: { cpu: "10m", memory: "32Mi" }, racks: false };
const containerOf = (behaviour: Behaviour = {}) => podOf("shop", { app: "shop" }, spec, behaviour).containers[0];
const always = ["./podinfo", "--port=1323", "--server-shutdown-timeout=10s"];

test.each<[what: string, behaviour: Behaviour, flags: string[]]>([
  ["nothing", {}, []],
  ["nothing but a message", { message: "shop v2" }, ["--ui-message=shop v2"]],
  [
    "calls, which end before a stopping pod does",
    { calls: ["http://a:80/api/echo", "http://b:80/api/echo"] },
    ["--backend-url=http://a:80/api/echo", "--backend-url=http://b:80/api/echo", "--http-client-timeout=10s"],
  ],
  ["errors", { fault: { errors: true } }, ["--random-error"]],
  [
    "a delay",
    { fault: { errors: false, delay: { min: 100, max: 500 } } },
    ["--random-delay", "--random-delay-unit=ms", "--random-delay-min=100", "--random-delay-max=500"],
  ],
])("an app of %s is told so by its flags", (_what, behaviour, flags) => {
  expect(containerOf(behaviour)?.command).toEqual([...always, ...flags]);
});

test("the kubelet asks what podinfo says of itself", () => {
  const { startupProbe, readinessProbe, livenessProbe } = containerOf() ?? {};
  expect([startupProbe, readinessProbe, livenessProbe]).toMatchObject(
    ["/healthz", "/readyz", "/healthz"].map((path) => ({ httpGet: { path, port: "http" } })),
  );
});

test("a fault of an app does not meet the kubelet, which would restart its pods", () => {
  for (const fault of [{ errors: true }, { errors: false, delay: { min: 0, max: 5000 } }]) {
    const { startupProbe, readinessProbe, livenessProbe } = containerOf({ fault }) ?? {};
    for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
      expect(probe).toMatchObject({ tcpSocket: { port: "http" } });
      expect(probe).not.toHaveProperty("httpGet");
    }
  }
});

test("it listens where its Service leads", () => {
  expect(containerOf()?.ports).toEqual([{ name: "http", containerPort: ports.container }]);
});
