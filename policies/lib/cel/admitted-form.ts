/** A workload as the API server shows it to its policies: with those of its defaults that change what a rule says. */
import { celList, celMap, type CelInput } from "@bufbuild/cel";
import { type Amounts, amountOf, kept, podAmountsOf, roundedAll } from "../qos/amounts.ts";
import { ifKnown } from "../unknown.ts";
import { list, property, text } from "../values.ts";
import type { Workload } from "../workload.ts";
import { keysOf, lazyMap, objectOf } from "./values.ts";

/** What checks see of a workload, by name. What the API server is given in its place is in cluster-form.ts. */
export function variablesOf(workload: Workload): Variables {
  const made = known.get(workload) ?? once(readersOf(workload));
  known.set(workload, made);
  return made;
}

/** Values by name; `undefined` for what is none of them. */
export type Variables = (name: string) => CelInput | undefined;

const known = new WeakMap<Workload, Variables>();

/** Every rule reads the same. What cannot be read is tried again, to be said again. */
function once(readers: Readonly<Record<string, () => CelInput>>): Variables {
  const values = new Map<string, CelInput | undefined>();
  return (name) => {
    const value = values.get(name) ?? readers[name]?.();
    values.set(name, value);
    return value;
  };
}

function readersOf(workload: Workload): Readonly<Record<string, () => CelInput>> {
  const { object, path } = workload;
  const isPod = object.kind === "Pod";
  const spec = () => objectOf(workload.spec, { resources: () => podResources(workload, isPod) });
  return {
    kind: () => object.kind,
    path: () => path,
    template: () => objectOf(workload.template),
    metadataPath: () => workload.metadataPath,
    patch: () => object.patch,
    spec,
    pod: () => celList([item({ who: "the pod", path, value: spec() })]),
    containers: () =>
      celList(
        workload.containers.map(({ name, path: own, role, value: written }, index) => {
          const value = objectOf(written, { resources: (resources) => resourcesOf(resources, isPod) });
          return item({ who: `container "${name}"`, path: own, role, index: BigInt(index), value });
        }),
      ),
    volumes: () =>
      celList(
        list(property(workload.spec, "volumes")).map((value, index) => {
          const name = ifKnown(() => text(property(value, "name"))) ?? "";
          const own = `${path}.volumes[${String(index)}]`;
          return item({ who: `volume "${name}"`, path: own, value: volumeOf(value) });
        }),
      ),
  };
}

const item = (parts: Readonly<Record<string, CelInput>>): CelInput => celMap(new Map(Object.entries(parts)));

/** A volume that says nothing is an emptyDir (k8s.io/kubernetes/pkg/apis/core/v1, SetDefaults_Volume). */
const volumeOf = (value: unknown): CelInput =>
  objectOf(value, keysOf(value).every((key) => key === "name") ? { emptyDir: () => new Map() } : {});

/** A container's resources. What a Pod limits it also requests, which templates of pods do not say (SetDefaults_Pod). */
function resourcesOf(written: unknown, isPod: boolean): CelInput | undefined {
  if (written === undefined || written === null) return undefined;
  const limits = property(written, "limits");
  return objectOf(written, {
    limits: (own) => amountsOf(own),
    requests: (own) => amountsOf(own, isPod ? limits : undefined),
  });
}

function amountsOf(own: unknown, otherwise?: unknown): CelInput | undefined {
  const names = [...new Set([...keysOf(own), ...keysOf(otherwise)])];
  if (names.length === 0) return undefined;
  return lazyMap(
    () => names,
    (key) => amountText(key, property(own, key) === undefined ? property(otherwise, key) : property(own, key)),
  );
}

/** An amount as the API server keeps it: as text, in thousandths, and what is null as nothing. */
function amountText(key: string, written: unknown): string | undefined {
  if (written === undefined) return undefined;
  if (written === null) return "0";
  const amount = amountOf(written);
  if (amount === undefined || amount % 1_000_000n === 0n) return text(written) ?? JSON.stringify(written);
  return inThousandths(roundedAll(new Map([[key, amount]])).get(key) ?? 0n);
}

const inThousandths = (amount: bigint) => `${String(amount / 1_000_000n)}m`;

/** What a pod says for all of its containers: of a Pod with all that the API server adds. */
function podResources(workload: Workload, isPod: boolean): CelInput | undefined {
  const { resources } = workload;
  if (!isPod) return resourcesOf(resources, false);
  const { pod } = kept(podAmountsOf(workload.containers, resources));
  if (pod === undefined) return undefined;
  const side = (amounts: Amounts, written: unknown) =>
    lazyMap(
      () => [...amounts.keys()],
      (key) => {
        const amount = amounts.get(key);
        if (amount !== undefined) return inThousandths(amount);
        return amounts.has(key) ? amountText(key, property(written, key)) : undefined;
      },
    );
  return objectOf(resources, {
    requests: (written) => (pod.requests.size === 0 ? undefined : side(pod.requests, written)),
    limits: (written) => (pod.limits.size === 0 ? undefined : side(pod.limits, written)),
  });
}
