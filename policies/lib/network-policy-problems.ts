/** What the API server would refuse in a NetworkPolicy (k8s.io/kubernetes, pkg/apis/networking/validation). */
import { cidrOf, isStrictlyWithin } from "./cidr.ts";
import { isDnsLabel, isDnsName, isLabelKey, isLabelValue, isPortName } from "./names.ts";
import { decided, each, type Finding, type Problem } from "./rule.ts";
import { at, entries, property } from "./values.ts";

/** How strictly networks are read. */
export interface Strictness {
  /** Whether leading zeros and bits beyond the prefix are refused: the gate StrictIPCIDRValidation, on from v1.36. */
  readonly strictCidrs: boolean;
}

type Check = (value: unknown, path: string) => Iterable<Finding>;

const wrong = (path: string, problem: string): Problem => ({ path, problem, fix: "Correct {path}." });
const shown = (value: unknown) => JSON.stringify(value);
/** A list's places: one that holds what is not known can be counted, but not walked through. */
const indices = (list: readonly unknown[]) => Array.from({ length: list.length }, (_, index) => index);
const isAbsent = (value: unknown) => value === undefined || value === null;

/** What is wrong with a NetworkPolicy, or a part of one; nothing where the API server takes it. */
export function* problemsOf(value: unknown, { strictCidrs }: Strictness): Iterable<Finding> {
  yield* decided(metadataProblems(property(value, "metadata"), "metadata"));
  yield* object(property(value, "spec"), "spec", function* (spec, path) {
    yield* decided(selectorProblems(property(spec, "podSelector"), `${path}.podSelector`));
    for (const [side, peers] of [
      ["ingress", "from"],
      ["egress", "to"],
    ] as const) {
      yield* listed(property(spec, side), `${path}.${side}`, function* (rule, rulePath) {
        yield* listed(property(rule, "ports"), `${rulePath}.ports`, portProblems);
        yield* listed(property(rule, peers), `${rulePath}.${peers}`, (peer, peerPath) =>
          peerProblems(peer, peerPath, strictCidrs),
        );
      });
    }
    yield* decided(typeProblems(property(spec, "policyTypes"), `${path}.policyTypes`));
  });
}

/** What must be an object, or nothing at all. */
function* object(value: unknown, path: string, check: Check): Iterable<Finding> {
  if (isAbsent(value)) return;
  if (typeof value !== "object" || Array.isArray(value)) yield wrong(path, `${shown(value)} is no object`);
  else yield* check(value, path);
}

/** What must be a list of objects, or nothing at all. */
function* listed(value: unknown, path: string, check: Check): Iterable<Finding> {
  if (isAbsent(value)) return;
  if (!Array.isArray(value)) {
    yield wrong(path, `${shown(value)} is no list`);
    return;
  }
  yield* each(indices(value), (index) =>
    object(property(value, index) ?? {}, `${path}[${String(index)}]`, check),
  );
}

function* strings(value: unknown, path: string): Iterable<Finding> {
  if (isAbsent(value)) return;
  const all = Array.isArray(value) && indices(value).every((index) => typeof property(value, index) === "string");
  if (!all) yield wrong(path, `${shown(value)} is no list of texts`);
}

function* metadataProblems(metadata: unknown, path: string): Iterable<Finding> {
  for (const [key, isName] of [
    ["name", isDnsName],
    ["namespace", isDnsLabel],
  ] as const) {
    const name = property(metadata, key);
    if (isAbsent(name)) continue;
    if (typeof name !== "string" || !isName(name)) yield wrong(`${path}.${key}`, `${shown(name)} is no ${key} for it`);
  }
  yield* labelProblems(property(metadata, "labels"), `${path}.labels`);
  yield* object(property(metadata, "annotations"), `${path}.annotations`, function* (annotations, own) {
    for (const [key, value] of entries(annotations)) {
      // Annotations are keyed without regard to case.
      if (!isLabelKey(key.toLowerCase())) yield wrong(own, `${shown(key)} is no key of an annotation`);
      if (!isAbsent(value) && typeof value !== "string") yield wrong(own, `${shown(value)} is no text`);
    }
  });
}

function* labelProblems(labels: unknown, path: string): Iterable<Finding> {
  yield* object(labels, path, (all, own) =>
    each(entries(all).map(([key]) => key), function* (key) {
      if (!isLabelKey(key)) yield wrong(own, `${shown(key)} is no key of a label`);
      const value = property(all, key) ?? "";
      if (typeof value !== "string" || !isLabelValue(value)) yield wrong(own, `${shown(value)} is no value of a label`);
    }),
  );
}

function* selectorProblems(selector: unknown, path: string): Iterable<Finding> {
  yield* object(selector, path, function* (own) {
    yield* labelProblems(property(own, "matchLabels"), `${path}.matchLabels`);
    yield* listed(property(own, "matchExpressions"), `${path}.matchExpressions`, requirementProblems);
  });
}

function* requirementProblems(requirement: unknown, path: string): Iterable<Finding> {
  const [key, operator] = [property(requirement, "key"), property(requirement, "operator")];
  const values = property(requirement, "values");
  if (typeof key !== "string" || !isLabelKey(key)) yield wrong(`${path}.key`, `${shown(key)} is no key of a label`);
  yield* strings(values, `${path}.values`);
  const list = Array.isArray(values) ? (values as unknown[]) : [];
  if (operator === "In" || operator === "NotIn") {
    if (list.length === 0) yield wrong(`${path}.values`, `${operator} has no values to look for`);
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (list.length > 0) yield wrong(`${path}.values`, `${operator} takes no values`);
  } else yield wrong(`${path}.operator`, `${shown(operator)} is none of In, NotIn, Exists and DoesNotExist`);
  for (const value of list) {
    if (typeof value === "string" && !isLabelValue(value))
      yield wrong(`${path}.values`, `${shown(value)} is no value of a label`);
  }
}

function* portProblems(value: unknown, path: string): Iterable<Finding> {
  const [protocol, port] = [property(value, "protocol"), property(value, "port")];
  const endPort = property(value, "endPort");
  const isNumber = (of: unknown): of is number => typeof of === "number" && of >= 1 && of <= 65535 && Number.isInteger(of);
  if (!isAbsent(protocol) && protocol !== "TCP" && protocol !== "UDP" && protocol !== "SCTP")
    yield wrong(`${path}.protocol`, `${shown(protocol)} is none of TCP, UDP and SCTP`);
  if (typeof port === "string" ? !isPortName(port) : !isAbsent(port) && !isNumber(port))
    yield wrong(`${path}.port`, `${shown(port)} is neither a port from 1 to 65535 nor the name of one`);
  if (isAbsent(endPort)) return;
  if (typeof port !== "number") yield wrong(`${path}.endPort`, "a range that has an end needs a number to start from");
  else if (!isNumber(endPort) || endPort < port)
    yield wrong(`${path}.endPort`, `${shown(endPort)} is no port from ${String(port)} to 65535`);
}

function* peerProblems(peer: unknown, path: string, strictCidrs: boolean): Iterable<Finding> {
  const ipBlock = property(peer, "ipBlock");
  const selectors = ["podSelector", "namespaceSelector"].filter((key) => !isAbsent(property(peer, key)));
  if (selectors.length === 0 && isAbsent(ipBlock)) yield wrong(path, "a peer selects nobody");
  if (selectors.length > 0 && !isAbsent(ipBlock)) yield wrong(path, "a peer has both selectors and addresses");
  for (const key of selectors) yield* decided(selectorProblems(property(peer, key), `${path}.${key}`));
  yield* object(ipBlock, `${path}.ipBlock`, function* (block, own) {
    const cidr = property(block, "cidr");
    const outer = typeof cidr === "string" ? cidrOf(cidr) : undefined;
    yield* networkProblems(cidr, `${own}.cidr`, strictCidrs);
    const except = property(block, "except");
    yield* strings(except, `${own}.except`);
    if (!Array.isArray(except) || cidr === "" || isAbsent(cidr)) return;
    yield* each(indices(except), function* (index) {
      const [excepted, exceptPath] = [at(block, "except", String(index)), `${own}.except[${String(index)}]`];
      if (typeof excepted !== "string") return; // which is said above
      yield* networkProblems(excepted, exceptPath, strictCidrs);
      const inner = cidrOf(excepted);
      if (inner !== undefined && outer !== undefined && !isStrictlyWithin(inner, outer))
        yield wrong(exceptPath, `${shown(excepted)} is no part of ${shown(cidr)}`);
    });
  });
}

function* networkProblems(text: unknown, path: string, strictCidrs: boolean): Iterable<Finding> {
  const network = typeof text === "string" ? cidrOf(text) : undefined;
  if (network === undefined) yield wrong(path, `${shown(text)} is no network like 10.9.8.0/24 or 2001:db8::/64`);
  else if (strictCidrs && network.objection !== undefined) yield wrong(path, `${shown(text)} ${network.objection}`);
}

function* typeProblems(types: unknown, path: string): Iterable<Finding> {
  yield* strings(types, path);
  const list = Array.isArray(types) ? (types as unknown[]) : [];
  if (list.length > 2) yield wrong(path, "there are more than two types of policies");
  else if (list.some((type) => type !== "Ingress" && type !== "Egress"))
    yield wrong(path, `${shown(types)} has what is neither Ingress nor Egress`);
}
