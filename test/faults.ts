/** Every fault that is planned for, in the order of its id; docs/faults.md is made of it. */
import { dataFaults, machineFaults, meshFaults } from "./faults/cluster.ts";
import { apiFaults, engineFaults } from "./faults/engine.ts";
import { policyFaults } from "./faults/policies.ts";
import type { Row } from "./faults/row.ts";

const number = ({ id }: Row) => Number(id.slice(1));

/** F1 to F36 and P1 to P9. */
export const faults: readonly Row[] = [...engineFaults, ...apiFaults, ...machineFaults, ...meshFaults, ...dataFaults]
  .sort((a, b) => number(a) - number(b))
  .concat(policyFaults);
