/** The pack's rules. */
import { PolicyPack } from "@pulumi/policy";
import { requireAllowedRegistry } from "./require-allowed-registry.ts";
import { requireFixedVersion } from "./require-fixed-version.ts";

new PolicyPack("images", { enforcementLevel: "mandatory", policies: [requireAllowedRegistry, requireFixedVersion] });
