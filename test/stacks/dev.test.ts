import { createPlatform } from "../../platform.ts";
import { record, valueOf } from "../lib/record.ts";
import { clusterId, facts, stackConfig } from "../lib/stacks.ts";

const run = () => record(() => createPlatform(stackConfig("dev")));

test("its outputs say what runs where and how to reach it", async () => {
  const { cluster, backend, mesh } = (await run()).result;
  expect(cluster).toEqual({
    id: clusterId,
    kind: "embedded",
    mode: "nodes",
    kubernetesVersion: "v1.36.3",
    nodes: facts.nodes.map(({ name }) => name),
  });
  expect(await valueOf(backend.namespace)).toBe("backend");
  expect(await valueOf(backend.service)).toBe("backend");
  expect(await valueOf(backend.clusterIp)).toBe("10.43.0.80");
  expect(await valueOf(backend.url)).toBe("http://backend.backend.svc:80");
  expect(mesh?.calls).toContainEqual({ from: "istio-ingress/gateway", to: "backend/backend" });
});
