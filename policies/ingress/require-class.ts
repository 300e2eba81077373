/** Some controller is meant to serve it. */
import { z } from "zod";
import { gatewayApi, isGateway } from "../lib/ingress/gateways.ts";
import { classOf, isIngress } from "../lib/ingress/ingresses.ts";
import { lookupOf, nameOf, ofKind } from "../lib/lookup.ts";
import type { Objects } from "../lib/object.ts";
import { defineRule, type Finding } from "../lib/rule.ts";
import { at, text } from "../lib/values.ts";

const isDefault = "ingressclass.kubernetes.io/is-default-class";

/** The API group of each kind of class. */
const groups = { IngressClass: "networking.k8s.io", GatewayClass: gatewayApi } as const;

/** The classes of a kind that the stack makes. */
const madeOf = (kind: keyof typeof groups, objects: Objects) => ofKind(groups[kind], kind)(objects);

/** Classes by their kind and name; true for one that Ingresses have which name none. */
const classes = lookupOf<boolean>(
  (objects) => [...madeOf("IngressClass", objects), ...madeOf("GatewayClass", objects)],
  (object) => [[`${object.kind} ${nameOf(object)}`, at(object.value, "metadata", "annotations", isDefault) === "true"]],
);

/** Refuses an Ingress that names no class, and a class that is not known where some are. */
export const requireClass = defineRule({
  name: "ingress-require-class",
  severity: "medium",
  level: "mandatory",
  title: "Every Ingress and Gateway names its class, one that is known where the stack or the configuration knows any.",
  why: "Without one it is served by whichever controller is the default on that day, by several, or by none.",
  fix: "Set ingressClassName or gatewayClassName.",
  sees: "stack",
  /** `ingress`, `gateway`: the names of classes that are made elsewhere. */
  parameters: z
    .strictObject({ ingress: z.array(z.string()).default([]), gateway: z.array(z.string()).default([]) })
    .prefault({}),
  *check(object, { objects, parameters }) {
    const [kind, path, named] = isIngress(object)
      ? (["IngressClass", "spec.ingressClassName", classOf(object)] as const)
      : isGateway(object)
        ? (["GatewayClass", "spec.gatewayClassName", text(at(object.value, "spec", "gatewayClassName"))] as const)
        : [];
    if (kind === undefined) return;
    const known = classes(objects);
    const made = madeOf(kind, objects);
    if (named === undefined || named === "") {
      if (kind === "IngressClass" && made.some((one) => known.at(`${kind} ${one.name}`).includes(true))) return;
      known.mustHaveRead();
      yield { path, problem: `it names no ${kind}`, fix: "Set {path}." };
      return;
    }
    const listed = kind === "IngressClass" ? parameters.ingress : parameters.gateway;
    if (listed.includes(named) || known.at(`${kind} ${named}`).length > 0) return;
    // Where the stack makes none, somebody else does.
    if (made.length === 0 && listed.length === 0) return;
    known.mustHaveRead();
    yield unknownClass(kind, named, path, [...listed, ...made.map(({ name }) => name)]);
  },
});

const unknownClass = (kind: string, named: string, path: string, known: readonly string[]): Finding => ({
  path,
  problem: `there is no ${kind} ${named}, but ${[...new Set(known)].sort().join(", ")}`,
  fix: "Correct {path}, or add the class to the rule's parameters.",
});
