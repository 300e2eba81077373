import { requireDeclaredTokens } from "../../../policies/access/require-declared-tokens.ts";
import { workloadOf } from "../../../policies/lib/workload.ts";
import { objectsOfManifest } from "../../../policies/lib/object.ts";
import { unknown } from "../../lib/unknown.ts";
import { listOf } from "../manifests.ts";
import { serviceAccount } from "../roles.ts";
import { deployment, formsOf, pod as complying, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireDeclaredTokens], objects);
/** A pod that says nothing of tokens. */
const pod = (change: object = {}) => complying({ automountServiceAccountToken: undefined, ...change });
const forms = formsOf(pod());
const automountServiceAccountToken = true;
const own = { serviceAccountName: "web" };

test.each(formsOf(pod({ automountServiceAccountToken: false })))("accepts a %s without a token", (_, object) => {
  expect(said(object)).toEqual([]);
});

test.each<[string, object[]]>([
  ["what makes no pods yet", [deployment({}, { template: undefined })]],
  ["a token that is asked for", [deployment(pod({ ...own, automountServiceAccountToken }))]],
  ["an account without one", [deployment(pod(own)), serviceAccount({ automountServiceAccountToken: false })]],
  [
    "an account under the old name of the field",
    [deployment(pod({ serviceAccount: "web" })), serviceAccount({ automountServiceAccountToken: false })],
  ],
  [
    "the account of all pods without one",
    [deployment(pod()), serviceAccount({ automountServiceAccountToken: false }, { name: "default" })],
  ],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each(forms)("sees %s", (kind, object) => {
  const [read] = objectsOfManifest(object);
  const path = read === undefined ? "" : `${workloadOf(read)?.path ?? ""}.automountServiceAccountToken`;
  expect(said(object)).toEqual([
    `${kind} shop/web: nothing says whether its pods get a token of the ServiceAccount default, so that they do. Set ${path} to false, or to true where its program calls the API server.`,
  ]);
  expect(said(listOf(object))).toEqual([expect.stringContaining(`items[0].${path}`)]);
});

test.each<[string, object[], string]>([
  [
    "a token of the account of all pods",
    [deployment(pod({ automountServiceAccountToken }))],
    "it asks for a token of the ServiceAccount default, which every pod of the namespace shares. Set spec.template.spec.automountServiceAccountToken to false, or name an account of its own in spec.template.spec.serviceAccountName.",
  ],
  [
    "one of that account by its name",
    [deployment(pod({ automountServiceAccountToken, serviceAccountName: "default" }))],
    "which every pod of the namespace shares",
  ],
  [
    "an account that says nothing",
    [deployment(pod(own)), serviceAccount()],
    "a token of the ServiceAccount web, so that they do",
  ],
  ["an account with one", [deployment(pod(own)), serviceAccount({ automountServiceAccountToken })], "nothing says"],
  [
    "an account of another namespace",
    [deployment(pod(own)), serviceAccount({ automountServiceAccountToken: false }, { namespace: "bank" })],
    "nothing says",
  ],
])("refuses %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test("is undecided while the pod or its account is not known", () => {
  expect(said(deployment(pod({ automountServiceAccountToken: unknown })))).toHaveLength(1);
  expect(said(deployment(pod(own)), serviceAccount({ automountServiceAccountToken: unknown }))).toEqual([
    expect.stringContaining("automountServiceAccountToken of ServiceAccount shop/web is not known"),
  ]);
  expect(said(deployment(pod(own)), serviceAccount({}, { name: unknown }))).toEqual([
    expect.stringContaining("metadata.name of ServiceAccount"),
  ]);
});
