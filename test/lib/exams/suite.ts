/** Other tools' own test cases as exams of our rules: what a suite says, and what comes out of it. */

/** One case of another tool: manifests, and what one of its checks says of them by its own test. */
export interface Case {
  readonly check: string;
  /** What the case is called, once for each check. */
  readonly name: string;
  readonly manifests: readonly unknown[];
  readonly refused: boolean;
  /** The object that the check speaks of, where others of the manifests are about something else. @default any */
  readonly of?: { readonly kind: string; readonly namespace?: string; readonly name: string };
}

/** A rule of ours that asks what a check asks. */
export interface Counterpart {
  readonly rule: string;
  /** The paths of those of its findings that are about the same. @default all of them */
  readonly at?: RegExp;
  /** What their messages say, where the path does not tell. @default anything */
  readonly says?: RegExp;
}

/** Why checks have no rule of ours. */
export interface Unmapped {
  /** The rest of a sentence: "no rule of ours, since …". */
  readonly why: string;
  /** Their names, each whole. */
  readonly checks: readonly (string | RegExp)[];
  /** Whether no rule about the objects of a stack could ever answer them. @default false */
  readonly outside?: true;
}

/** Cases that ours answer otherwise on purpose. */
export interface Difference {
  readonly check: string;
  readonly cases: readonly string[];
  /** What we say, and why it is meant. */
  readonly why: string;
}

/** What another tool's checks are in our rules. */
export interface Suite {
  readonly name: string;
  /** The Go module that its tests are in. */
  readonly module: string;
  /** The folder of tools/ that pins it. */
  readonly pinnedBy: string;
  readonly version: string;
  /** What of its tests is read, in a sentence. */
  readonly read: string;
  /** Its checks that ours answer too, by their names. */
  readonly rules: Readonly<Record<string, readonly Counterpart[]>>;
  readonly unmapped: readonly Unmapped[];
  readonly differences: readonly Difference[];
}

/** A suite's figures, which docs/policies.md shows. */
export interface Figures {
  readonly checks: number;
  readonly mappedChecks: number;
  /** Of the checks: those that no rule about the objects of a stack could ever answer. */
  readonly outsideChecks: number;
  readonly cases: number;
  readonly mappedCases: number;
  /** Of the mapped cases: those that it refuses. */
  readonly refused: number;
  /** Of the mapped cases: those of which ours say the same. */
  readonly agreed: number;
  /** How many checks have no rule of ours, by the reason. */
  readonly unmapped: Readonly<Record<string, number>>;
}

/** What came out of an exam. */
export interface Marks {
  readonly figures: Figures;
  /** Cases that ours answer otherwise: "check: case", with what each says. */
  readonly different: readonly Mistake[];
  /** Findings of rules that failed on some case. */
  readonly broken: readonly string[];
}

/** A case that ours answer otherwise. */
export interface Mistake {
  readonly check: string;
  readonly name: string;
  readonly refusedByThem: boolean;
}
