import { disallowWildcardHosts } from "../../../policies/ingress/disallow-wildcard-hosts.ts";
import { unknown } from "../../lib/unknown.ts";
import { gateway, ingress, listener, route, rule } from "../ingresses.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowWildcardHosts], objects);

test("accepts names, and a listener for many of them", () => {
  expect(said(ingress(), route(), gateway([listener({ hostname: "*.example" })]))).toEqual([]);
});

test("refuses patterns, each where it is written", () => {
  expect(said(ingress({ rules: [rule(), rule({ host: "*.example" })] }))).toEqual([
    "Ingress shop/web: *.example stands for every name of that domain. Write the names in the place of spec.rules[1].host.",
  ]);
  expect(said(route({ hostnames: ["web.example", "*.example"] }))).toEqual([
    expect.stringContaining("spec.hostnames[1]"),
  ]);
});

test("is undecided of a host that is not known, and judges the others", () => {
  expect(said(route({ hostnames: [unknown, "*.example"] }))).toEqual([
    expect.stringContaining("spec.hostnames[0] is not known"),
    expect.stringContaining("spec.hostnames[1]"),
  ]);
});
