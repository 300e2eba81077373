/** What the API server would refuse in a NetworkPolicy (k8s.io/kubernetes, pkg/apis/networking/validation). */
import { isPortName } from "../labels/names.ts";
import { listed, metadataProblems, object, selectorProblems, shown, strings, wrong } from "../labels/problems.ts";
import { decided, each, type Finding } from "../rule.ts";
import { at, indices, isAbsent, property } from "../values.ts";
import { cidrOf, isStrictlyWithin } from "./cidr.ts";

/** How strictly networks are read. */
export interface Strictness {
  /** Whether leading zeros and bits beyond the prefix are refused: the gate StrictIPCIDRValidation, on from v1.36. */
  readonly strictCidrs: boolean;
}

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

function* portProblems(value: unknown, path: string): Iterable<Finding> {
  const [protocol, port] = [property(value, "protocol"), property(value, "port")];
  const endPort = property(value, "endPort");
  const isNumber = (of: unknown): of is number =>
    typeof of === "number" && of >= 1 && of <= 65535 && Number.isInteger(of);
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
      const [excepted, exceptPath] = [at(block, "except", String(index)) ?? "", `${own}.except[${String(index)}]`];
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
