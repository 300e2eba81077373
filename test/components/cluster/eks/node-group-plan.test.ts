import fc from "fast-check";
import { controlPlaneZones, planNodeGroups } from "../../../../components/cluster/eks/node-group-plan.ts";
import { versions } from "../../../../versions.ts";
import { configOf } from "./example.ts";

const three = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];

test("groups stand in waves, with what they do not say themselves", () => {
  const waves = planNodeGroups(configOf({ nodeGroups: { burst: { version: "1.35", zones: ["eu-central-1b"] } } }));
  expect(waves.map((wave) => wave.map(({ name }) => name))).toEqual([["system"], ["burst"]]);
  const [[system] = [], [burst] = []] = waves;
  expect(system).toMatchObject({
    version: "1.36",
    release: versions.eks["1.36"].nodes,
    zones: three,
    diskGiB: 50,
    maxUnavailable: 1,
    taints: [],
  });
  expect(burst).toMatchObject({
    version: "1.35",
    release: versions.eks["1.35"].nodes,
    zones: ["eu-central-1b"],
    taints: [{ key: "capacity", value: "spot", effect: "NO_SCHEDULE" }],
  });
});

test("a zone that is appended to three is nobody's by itself", () => {
  const vpc = (zones: string[]) => configOf({ vpc: { zones } });
  expect(controlPlaneZones(vpc(three))).toEqual(three);
  expect(controlPlaneZones(vpc([...three, "eu-central-1d"]))).toEqual(three);
  expect(planNodeGroups(vpc([...three, "eu-central-1d"]))).toEqual(planNodeGroups(vpc(three)));
  expect(controlPlaneZones(configOf({ controlPlaneZones: three.slice(1) }))).toEqual(three.slice(1));
});

test("every group is in exactly one wave, and waves come in order", () => {
  const [example] = Object.values(configOf().nodeGroups);
  const groups = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.integer({ min: 1, max: 10 }), { minKeys: 1 });
  fc.assert(
    fc.property(groups, (waveOf) => {
      if (example === undefined) throw new Error("The example has no group.");
      const nodeGroups = Object.fromEntries(Object.entries(waveOf).map(([name, wave]) => [name, { ...example, wave }]));
      const planned = planNodeGroups({ ...configOf(), nodeGroups });
      expect(planned.flatMap((wave) => wave.map(({ name }) => name)).sort()).toEqual(Object.keys(waveOf).sort());
      const numbers = planned.map((wave) => [...new Set(wave.map(({ wave: number }) => number))]);
      expect(numbers).toEqual([...new Set(Object.values(waveOf))].sort((a, b) => a - b).map((number) => [number]));
    }),
  );
});
