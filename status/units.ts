/** Values as dashboards show them, by Grafana's names of units. */
import type { Panel } from "../components/monitoring/insight.ts";

type Unit = Panel["unit"];

const binary = ["B", "KiB", "MiB", "GiB", "TiB"] as const;
const lengths = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
] as const;

/** A value with its unit, in three digits. */
export function shownValue(value: number, unit: Unit): string {
  if (unit === "percentunit") return `${digits(value * 100)} %`;
  if (unit === "bytes" || unit === "Bps") return `${bytes(value)}${unit === "Bps" ? "/s" : ""}`;
  if (unit === "reqps" || unit === "ops") return `${thousands(value)}/s`;
  if (unit === "ms") return length(value / 1000);
  if (unit === "s" || unit === "dtdurations") return length(value);
  return thousands(value);
}

/** Three digits, and no zeros that say nothing. */
const digits = (value: number): string => String(Number(value.toPrecision(3)));

function thousands(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${digits(value / 1e6)} M`;
  return size >= 1e4 ? `${digits(value / 1e3)} k` : digits(value);
}

/** By which power of 1024 a number of bytes is shown. */
export const binaryPower = (value: number): number =>
  Math.min(binary.length - 1, Math.max(0, Math.floor(Math.log2(Math.abs(value) || 1) / 10)));

function bytes(value: number): string {
  const power = binaryPower(value);
  return `${digits(value / 1024 ** power)} ${binary[power] ?? "B"}`;
}

function length(seconds: number): string {
  const size = Math.abs(seconds);
  const [long, name] = lengths.find(([least]) => size >= least) ?? [1, "s"];
  if (long > 1 || size >= 1 || size === 0) return `${digits(seconds / long)} ${name}`;
  return size >= 1e-3 ? `${digits(seconds * 1e3)} ms` : `${digits(seconds * 1e6)} µs`;
}
