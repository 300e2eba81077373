/** A plugin of Stryker: what of a rule is text about it, and held to the word elsewhere. */
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";
import { type Path, reasonOf } from "./mutation-texts.ts";

/** What Stryker looks for in a plugin. */
export const strykerPlugins = [
  // Stryker hands over Babel's path, and leaves its type out of the contract.
  declareValuePlugin(PluginKind.Ignore, "texts", { shouldIgnore: (path) => reasonOf(path as Path) }),
];
