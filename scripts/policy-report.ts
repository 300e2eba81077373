/** What rules have found, as text for people and as JSON. */
import { expired, type Settings, type Verdict } from "../policies/lib/judge.ts";
import { titleOf } from "../policies/lib/object.ts";
import { renewal } from "../policies/lib/pack.ts";

/** One finding, as `--json` lists it. */
export interface ReportedFinding {
  readonly rule: string;
  readonly level: "mandatory" | "advisory";
  readonly kind: string;
  /** "" for what is in none, or says none. */
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
  readonly message: string;
}

/** A finding with where it was read. */
export interface Located extends ReportedFinding {
  readonly file: string;
  /** Counted from 1; `undefined` where there are no lines. */
  readonly line: number | undefined;
}

/** What is reported of verdicts, and of exemptions that hold no more. */
export function findingsOf(verdicts: readonly Verdict[], settings: Settings, configFile: string): Located[] {
  const own = verdicts.map(({ rule, level, object, path, message }): Located => {
    const { kind, namespace = "", name, source } = object;
    return {
      rule,
      level,
      kind,
      namespace,
      name,
      path,
      message,
      file: source?.file ?? "",
      line: source?.lineOf?.(path),
    };
  });
  const old = expired(settings).map(([exemption, message]): Located => {
    const { kind = "", namespace = "", name = "" } = exemption;
    const path = `exemptions[${String(settings.config.exemptions.indexOf(exemption))}].expires`;
    return {
      rule: renewal.name,
      level: renewal.level,
      kind,
      namespace,
      name,
      path,
      message,
      file: configFile,
      line: undefined,
    };
  });
  return [...own, ...old];
}

/** For people: a line for each finding, and their number. */
export function asText(findings: readonly Located[], objects: number): string {
  const lines = findings.map(({ rule, level, kind, namespace, name, message, file, line }) => {
    const where = line === undefined ? file : `${file}:${String(line)}`;
    const title = titleOf({ kind, namespace: namespace === "" ? undefined : namespace, name });
    return `${where}: ${level} ${rule}\n  ${title}: ${message}`;
  });
  const mandatory = findings.filter(({ level }) => level === "mandatory").length;
  const sum = `${String(objects)} objects, ${String(mandatory)} mandatory and ${String(findings.length - mandatory)} advisory findings`;
  return [...lines, sum].join("\n");
}

/** For programs: the list of findings. */
export function asJson(findings: readonly Located[]): string {
  const list = findings.map(({ rule, level, kind, namespace, name, path, message }): ReportedFinding => ({
    rule,
    level,
    kind,
    namespace,
    name,
    path,
    message,
  }));
  return JSON.stringify(list, null, 2);
}
