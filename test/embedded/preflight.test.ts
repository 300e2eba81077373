import { hostInterface } from "../../embedded/network.ts";
import { routeConflicts } from "../../embedded/preflight.ts";
import { labCluster } from "../../embedded/spec.ts";

const spec = labCluster();

test.each([
  ["a network that is the nodes'", { dst: "172.20.20.0/24", dev: "eth1" }, "--subnet"],
  ["half of the pods'", { dst: "10.42.128.0/17", dev: "tun0" }, "--pod-cidr"],
  ["one address of the Services", { dst: "10.43.7.7", dev: "eth0" }, "--service-cidr"],
  ["another cluster's pods", { dst: "10.42.3.0/24", dev: "qtother" }, "--pod-cidr"],
])("%s is in the way", (_, route, option) => {
  const [sentence, ...others] = routeConflicts(spec, [{ dst: "default", dev: "eth0" }, route]);
  expect(others).toEqual([]);
  expect(sentence).toContain(`${option}) overlaps this machine's route to ${route.dst} (${route.dev})`);
  expect(sentence).toContain(`Choose another with ${option}`);
});

test("the cluster is not in its own way, nor are others beside it", () => {
  const routes = [
    { dst: "default", dev: "eth0" },
    { dst: "192.0.2.0/24", dev: "eth0" },
    { dst: "172.20.20.0/24", dev: hostInterface(spec) },
    { dst: "10.42.1.0/24", dev: hostInterface(spec) },
    { type: "unreachable", dst: "10.42.0.0/16" },
  ];
  expect(routeConflicts(spec, routes)).toEqual([]);
});
