import { isClusterWide, isResource } from "../../../../policies/lib/access/rights.ts";
import { Objects, objectsOfManifest, objectsOfResource } from "../../../../policies/lib/object.ts";
import { binding, clusterBinding, clusterRole, role } from "../../roles.ts";

test.each([
  ["*", "secrets", true],
  ["*", "pods/exec", true],
  ["secrets", "secrets", true],
  ["pods/exec", "pods/exec", true],
  ["*/exec", "pods/exec", true],
  ["pods", "pods/exec", false],
  ["pods/*", "pods/exec", false],
  ["*/log", "pods/exec", false],
  ["*/exec", "exec", false],
  ["*s", "secrets", false],
])("%s means %s: %s", (word, resource, means) => {
  expect(isResource(word, resource)).toBe(means);
});

test("a patch of a binding binds, as what it changes does", () => {
  const patch = objectsOfResource("kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBindingPatch", clusterBinding());
  const [own, ...others] = [clusterRole([]), binding("ClusterRole")].flatMap((one) => objectsOfManifest(one));
  const wide = (...more: typeof patch) =>
    own !== undefined && isClusterWide(own, new Objects([own, ...others, ...more]));
  expect(wide()).toBe(false);
  expect(wide(...patch)).toBe(true);
  expect(wide(...objectsOfManifest(role([])))).toBe(false);
});
