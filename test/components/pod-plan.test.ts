import { httpProbe, softLimit } from "../../components/pod-plan.ts";

test("Go collects before the kernel does", () => {
  expect(softLimit("100Mi")).toBe((100n * 1024n * 1024n * 9n) / 10n);
});

test("a probe says how often it may fail only where the API server's default is not meant", () => {
  const probe = { httpGet: { path: "/ready", port: "web" }, periodSeconds: 5, timeoutSeconds: 5 };
  expect(httpProbe("/ready", "web", 5)).toEqual(probe);
  expect(httpProbe("/ready", "web", 5, 4)).toEqual({ ...probe, failureThreshold: 4 });
});
