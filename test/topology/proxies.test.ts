import { readSidecars } from "../../topology/proxies.ts";

const pod = (name: string, ready: string | undefined) => ({
  metadata: { namespace: "shop", name, uid: `uid-of-${name}` },
  status: ready === undefined ? {} : { conditions: [{ type: "Ready", status: ready }] },
});

test("asks the proxy of every pod that is ready, and no other", async () => {
  const pods = [
    ...Array.from({ length: 9 }, (_, index) => pod(`web-${String(index)}`, "True")),
    pod("late", "False"),
    pod("new", undefined),
  ];
  const asked: string[] = [];
  const proxies = await readSidecars((path) => {
    asked.push(path);
    return Promise.resolve(path.startsWith("/api/v1/pods?") ? JSON.stringify({ items: pods }) : `text of ${path}`);
  })();
  const paths = pods
    .slice(0, 9)
    .map(
      ({ metadata }) => `/api/v1/namespaces/shop/pods/${metadata.name}:15090/proxy/stats/prometheus?filter=upstream_rq`,
    );
  expect(asked).toEqual(["/api/v1/pods?labelSelector=security.istio.io%2FtlsMode%3Distio", ...paths]);
  expect([...proxies]).toEqual(paths.map((path, index) => [`uid-of-web-${String(index)}`, `text of ${path}`]));
});

test("one proxy that does not answer makes the reading none", async () => {
  const read = readSidecars((path) =>
    path.startsWith("/api/v1/pods?")
      ? Promise.resolve(JSON.stringify({ items: [pod("web", "True")] }))
      : Promise.reject(new Error("gone")),
  );
  await expect(read()).rejects.toThrow("gone");
});
