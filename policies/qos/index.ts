/** The pack's rules. */
import { PolicyPack } from "@pulumi/policy";
import { requireLimits } from "./require-limits.ts";

new PolicyPack("qos", { enforcementLevel: "mandatory", policies: [requireLimits] });
