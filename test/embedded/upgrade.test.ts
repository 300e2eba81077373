import { labCluster } from "../../embedded/spec.ts";
import { ClusterState } from "../../embedded/state.ts";
import { upgradeSteps } from "../../embedded/upgrade.ts";
import { summary } from "../../embedded/upgrade-command.ts";
import { planUpgrade } from "../../embedded/upgrade-plan.ts";

// It shows steps, exists as ES modules only, and nothing is shown here.
jest.mock("listr2", () => ({}));

const spec = labCluster({
  name: "nobody-has-it",
  subnet: "172.20.99.0/24",
  podCidr: "10.98.0.0/16",
  serviceCidr: "10.99.0.0/16",
  kubernetes: "v1.35.4",
});
const to = "v1.36.3";
const ordered = [...spec.nodes].sort((a, b) => a.role.localeCompare(b.role));
const seen = {
  recorded: "v1.35.4",
  kubeadm: "v1.35.4",
  kubeProxy: "v1.35.4",
  nodes: ordered.map(({ name, role }) => ({
    name,
    role,
    kubelet: "v1.35.4",
    components: role === "worker" ? [] : ["v1.35.4"],
    cordoned: false,
  })),
};
const upgrade = {
  spec,
  state: new ClusterState(spec.name),
  to,
  layout: "/layout",
  owner: { uid: 0, gid: 0 },
  drainDeadline: 300_000,
} as const;

test("kube-proxy comes after the whole control plane and before the workers, and the record after everything", () => {
  const titles = upgradeSteps(upgrade, planUpgrade(seen, to, undefined), seen).map(([title]) => title);
  const places = titles.map((title) => title.split(": ")[0]).filter((place, i, all) => place !== all[i - 1]);
  expect(places).toEqual([
    "images of Kubernetes v1.36.3",
    "every member of etcd and every API server",
    "qke-master",
    "qke-worker-49-1",
    "qke-worker-181-1",
    "kube-proxy, node by node",
    "qke-worker-49-2",
    "qke-worker-181-2",
    "everything is of Kubernetes v1.36.3",
  ]);
});

test("no node begins before the gate behind the one before", () => {
  const titles = upgradeSteps(upgrade, planUpgrade(seen, to, undefined), seen).map(([title]) => title);
  for (const { name } of spec.nodes) {
    expect(titles.filter((title) => title.startsWith(`${name}: `)).at(-1)).toBe(
      `${name}: the control plane and kube-system are whole`,
    );
  }
});

test("the summary has each node's time, and what took longest there", () => {
  const took = [
    { title: "images of Kubernetes v1.36.3", seconds: 1 },
    { title: "m1: its pods move to other nodes", seconds: 20 },
    { title: "m1: kubeadm upgrade node", seconds: 70.5 },
  ];
  expect(summary(took)).toEqual([
    "WHERE                         TOOK    LONGEST",
    "images of Kubernetes v1.36.3  1.0 s",
    "m1                            90.5 s  kubeadm upgrade node 70.5 s",
  ]);
});
