/** Images come from registries that somebody has decided to trust. */
import { z } from "zod";
import { fullPrefix, hub, imageNamePattern, imagePattern } from "../../components/registries-images.ts";
import { quoted } from "../lib/cel/form.ts";
import { imageForm } from "../lib/cel/images.ts";
import { celRule } from "../lib/cel/rule.ts";

const hubHosts = [hub.registry, ...hub.aliases].map((host) => quoted(`${host}/`)).join(", ");

/** The full name of an image, step by step: registries-images.ts does the same, and a test compares the two. */
const steps = {
  name: `image.find(${quoted(imageNamePattern)})`,
  host: 'name.find("^[^/]+/")',
  hosted: 'host.matches("[.:A-Z]") || host == "localhost/"',
  ofHub: `!hosted || host in [${hubHosts}]`,
  rest: "hosted ? name.substring(size(host)) : name",
  full: `ofHub ? ${quoted(`${hub.registry}/`)} + (rest.contains("/") ? "" : "library/") + rest : name`,
};

/** Refuses a workload with an image whose full name lies in none of the allowed registries. */
export const requireAllowedRegistry = celRule({
  name: "images-require-allowed-registry",
  severity: "high",
  level: "mandatory",
  title: "Every image comes from an allowed registry.",
  why: "What runs in the cluster is otherwise whatever anybody has pushed anywhere.",
  fix: "Take the image from an allowed registry, or add its own to quintet:registries.allowed.",
  parameters: z
    .strictObject({
      /** Registries or parts of them, like ghcr.io/acme. @default every registry is allowed */
      allowed: z.array(z.string()).optional(),
    })
    .prefault({}),
  cel: ({ allowed }) =>
    imageForm(
      allowed === undefined
        ? []
        : [
            {
              // Names that are none are left to the rule about versions.
              where: `image.matches(${quoted(imagePattern)})`,
              let: steps,
              valid: `[${allowed.map((prefix) => quoted(fullPrefix(prefix))).join(", ")}].exists(prefix, full == prefix || full.startsWith(prefix + "/"))`,
              problem: `is {full}, outside the allowed registries ${allowed.join(", ")}`,
            },
          ],
    ),
});
