import { hopProblem } from "../skew.ts";

test.each([
  ["v1.35.2", "v1.35.2"],
  ["v1.35.2", "v1.35.9"],
  ["v1.35.2", "v1.36.0"],
  ["1.35", "1.36"],
  ["v1.36.3", "1.36"],
  ["v1.35.2+k3s1", "v1.35.2+k3s2"],
])("%s to %s is a step", (from, to) => {
  expect(hopProblem(from, to)).toBeUndefined();
});

test.each([
  ["v1.35.2", "v1.35.1", "would go back from v1.35.2 to v1.35.1, which etcd's data does not survive"],
  ["v1.36.0", "v1.35.9", "would go back from v1.36.0 to v1.35.9"],
  ["1.36", "1.35", "would go back from 1.36 to 1.35"],
  ["v1.35.2", "v1.37.0", "would go from v1.35.2 to v1.37.0 and skip a minor release. Upgrade to 1.36 first"],
  ["v1.35.2", "v2.0.0", "skip a minor release"],
  ["v1.35.2", "latest", "cannot compare v1.35.2 with latest"],
])("%s to %s is refused", (from, to, problem) => {
  expect(hopProblem(from, to)).toContain(problem);
});
