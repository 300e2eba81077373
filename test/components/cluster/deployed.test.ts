import { type Deployed, deployedProblems, readDeployed } from "../../../components/cluster/deployed.ts";
import { record } from "../../lib/record.ts";

const last: Deployed = {
  stack: "organization/quintet/staging",
  environment: "staging",
  cluster: { id: "old-id", kind: "k3s", kubernetesVersion: "v1.35.2" },
};
const wanted = { environment: "staging", kind: "k3s", facts: { kubernetesVersion: "v1.36.3" }, upgrades: true };

test("the stack's last outputs say where it stands, and outputs of earlier versions say less", async () => {
  const read = async (outputs: object) => (await record(() => readDeployed(), { lastOutputs: outputs })).result;
  expect(await read({})).toEqual({ stack: "organization/quintet/test" });
  expect(await read({ backend: {}, cluster: { id: "an-id", mode: "nodes" } })).toEqual({
    stack: "organization/quintet/test",
    cluster: { id: "an-id" },
  });
});

test("a first run, and the same environment on the same cluster, may go on", () => {
  expect(deployedProblems({ stack: "organization/quintet/staging" }, wanted)).toEqual([]);
  expect(deployedProblems(last, wanted)).toEqual([]);
  expect(deployedProblems(last, { ...wanted, id: "old-id" })).toEqual([]);
});

test("another cluster is refused, with both ids and every way out", () => {
  expect(deployedProblems(last, { ...wanted, id: "new-id" })).toEqual([
    expect.stringMatching(
      /^quintet:cluster: .*stands on cluster old-id, but the kubeconfig leads to cluster new-id\. .*destroy.* stack rm --force --preserve-config staging`$/,
    ),
  ]);
});

test("another kind of cluster is refused", () => {
  expect(deployedProblems(last, { ...wanted, kind: "eks" })).toEqual([
    "quintet:cluster.kind: stack organization/quintet/staging stands on a cluster of kind k3s, not eks. Run `pulumi destroy` there before moving",
  ]);
});

test("the configuration of another environment is refused", () => {
  expect(deployedProblems(last, { ...wanted, environment: "prod" })).toEqual([
    "quintet:environment: stack organization/quintet/staging is deployed as staging, but this configuration is of prod. Select the stack of prod",
  ]);
});

test("a version that the stack does not choose itself is not compared", () => {
  const older = { kubernetesVersion: "v1.34.1" };
  expect(deployedProblems(last, { ...wanted, facts: older, upgrades: false })).toEqual([]);
  expect(deployedProblems(last, { ...wanted, facts: older })).toEqual([
    expect.stringMatching(/^quintet:cluster\.version: would go back/),
  ]);
});
