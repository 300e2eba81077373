/** Which alerts have been in Alertmanager since a moment, and after how long each was first. */
import { until } from "../../../embedded/run.ts";
import { figures } from "./context.ts";
import { alerts, type Firing } from "./prometheus.ts";

/** An alert: any of a name, or one that has these labels. */
export type Wanted = string | Readonly<Record<string, string>>;

const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(0)} s`;
const nameOf = (wanted: Wanted) => (typeof wanted === "string" ? wanted : (wanted["alertname"] ?? ""));

/** A record of what fires, which any number of waits share. */
export class Fired {
  readonly #start = performance.now();
  readonly #seen = new Map<string, { readonly labels: Firing["labels"]; readonly after: string }>();
  readonly #wanted = new Set<string>();
  #last: { readonly at: number; readonly look: Promise<void> } | undefined;

  /** Waits until each of these has been there. @param milliseconds the deadline */
  async wait(milliseconds: number, ...wanted: readonly Wanted[]): Promise<void> {
    for (const one of wanted) this.#wanted.add(nameOf(one));
    const missing = () => wanted.filter((one) => !this.#has(one));
    await until(
      `${wanted.map(nameOf).join(", ")} in Alertmanager`,
      milliseconds,
      async () => {
        await this.#look();
        return missing().length === 0;
      },
      2000,
    ).catch((error: unknown) => {
      const names = missing().map(nameOf).join(", ");
      throw new Error(`Missing: ${names}. Fired: ${this.names().join(", ")}`, { cause: error });
    });
  }

  /**
   * Waits until nothing fires but the sign of life, and budgets that nobody has waited for: their windows are up to hours
   * long, and one slow minute of this machine burns them. @param milliseconds the deadline
   */
  async clear(milliseconds: number): Promise<void> {
    const mended = performance.now();
    let names: string[] = [];
    await until(
      "every alert to clear",
      milliseconds,
      async () => {
        names = [...(await alerts()).keys()];
        const left = names.filter((name) => this.#wanted.has(name) || !/Budget(Fast|Slow)$/.test(name));
        return left.length === 1;
      },
      5000,
    ).catch((error: unknown) => {
      throw new Error(names.join(", "), { cause: error });
    });
    figures.push(
      `alerts fired by faults: ${this.#summary().join(", ")}; all clear ${seconds(mended)} after the faults`,
    );
  }

  /** The names of all that have been there. */
  names(): string[] {
    return [...new Set([...this.#seen.values()].map(({ labels }) => labels["alertname"] ?? ""))];
  }

  #has(wanted: Wanted): boolean {
    const asked = Object.entries(typeof wanted === "string" ? { alertname: wanted } : wanted);
    return [...this.#seen.values()].some(({ labels }) => asked.every(([name, value]) => labels[name] === value));
  }

  #summary(): string[] {
    const first = new Map<string, string>();
    for (const { labels, after } of this.#seen.values()) {
      const name = labels["alertname"] ?? "";
      if (!first.has(name)) first.set(name, after);
    }
    return [...first].map(([name, after]) => `${name} ${after}`);
  }

  /** Many wait at once, and one of them asks. */
  async #look(): Promise<void> {
    if (this.#last === undefined || performance.now() - this.#last.at > 1900) {
      this.#last = { at: performance.now(), look: this.#record() };
    }
    await this.#last.look;
  }

  async #record(): Promise<void> {
    for (const { labels } of [...(await alerts()).values()].flat()) {
      const key = JSON.stringify(Object.entries(labels).sort());
      if (!this.#seen.has(key)) this.#seen.set(key, { labels, after: seconds(this.#start) });
    }
  }
}
