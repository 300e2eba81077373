import { requireEmptyDirLimits } from "../../../policies/qos/require-empty-dir-limits.ts";
import { deployment, pod, saidOf } from "../workloads.ts";

const said = (emptyDir: object | null) =>
  saidOf(
    [requireEmptyDirLimits],
    [
      deployment(
        pod({
          volumes: [
            { name: "conf", configMap: {} },
            { name: "tmp", emptyDir },
          ],
        }),
      ),
    ],
  );
const path = "spec.template.spec.volumes[1].emptyDir.sizeLimit";

test("accepts volumes with a limit, and those of other kinds", () => {
  expect(said({ sizeLimit: "16Mi" })).toEqual([]);
  expect(said({ sizeLimit: "64Mi", medium: "Memory" })).toEqual([]);
  expect(said(null)).toEqual([]);
});

test.each([
  [{}, `may fill the node, since it has no size limit. Set ${path}.`],
  [{ sizeLimit: "0" }, `has size limit "0", not a quantity above zero, and so none. Correct ${path}.`],
  [{ sizeLimit: "lots" }, `has size limit "lots", not a quantity`],
  [{ sizeLimit: "65Mi", medium: "Memory" }, "may grow to 65Mi, more than the pod's limit of 64Mi"],
])("refuses %j", (emptyDir, message) => {
  expect(said(emptyDir)).toEqual([expect.stringContaining(`volume "tmp" `)]);
  expect(said(emptyDir)).toEqual([expect.stringContaining(message)]);
});
