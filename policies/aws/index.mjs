// Pulumi starts a pack by require() with ts-node in front; an .mjs file takes the way round it: docs/decisions/0001.
import { PolicyPack } from "@pulumi/policy";
import { aws } from "./index.ts";

new PolicyPack("aws", { enforcementLevel: "mandatory", policies: [...aws] });
