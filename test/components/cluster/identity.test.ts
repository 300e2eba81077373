import { requireSameCluster } from "../../../components/cluster/identity.ts";
import { record } from "../../lib/record.ts";

const last = (outputs: object) => record(() => requireSameCluster("new-id"), { lastOutputs: outputs });

test("accepts the first run, the same cluster, and outputs from before clusters had ids", async () => {
  for (const outputs of [{}, { cluster: { id: "new-id", mode: "nodes" } }, { backend: { namespace: "shop" } }]) {
    expect((await last(outputs)).resources).toEqual([]);
  }
});

test("refuses another cluster, with both ids and every way out", async () => {
  await expect(last({ cluster: { id: "old-id" } })).rejects.toThrow(
    /stands on cluster old-id, but the kubeconfig leads to cluster new-id; nothing has been changed\. .*destroy.* stack rm --force --preserve-config test/,
  );
});
