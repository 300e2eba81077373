import { disallowPublicSubjects } from "../../../policies/access/disallow-public-subjects.ts";
import { unknown } from "../../lib/unknown.ts";
import { account, binding, bootstrapping, clusterBinding } from "../roles.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowPublicSubjects], objects);

test.each<[string, object]>([
  ["an account", clusterBinding()],
  ["nobody", clusterBinding("web", undefined)],
  ["a group of people", clusterBinding("web", [{ kind: "Group", name: "admins" }])],
  ["the accounts of one namespace", binding("Role", "web", [{ kind: "Group", name: "system:serviceaccounts:shop" }])],
  ["an account with such a name", clusterBinding("web", [{ ...account, name: "system:anonymous" }])],
  [
    "what the API server brings",
    clusterBinding("web", [{ kind: "Group", name: "system:authenticated" }], {
      name: "system:discovery",
      labels: bootstrapping,
    }),
  ],
])("accepts a binding to %s", (_, object) => {
  expect(said(object)).toEqual([]);
});

test.each([
  ["User", "system:anonymous", "whoever reaches the API server"],
  ["Group", "system:anonymous", "whoever reaches the API server"],
  ["Group", "system:unauthenticated", "whoever reaches the API server"],
  ["Group", "system:authenticated", "everybody with any account"],
  ["Group", "system:serviceaccounts", "every pod of every namespace"],
  ["Group", "system:masters", "a group whose rights nobody can take away"],
])("refuses %s %s", (kind, name, who) => {
  const message = `${kind} ${name} is ${who}`;
  expect(said(clusterBinding("web", [account, { kind, name }]))).toEqual([expect.stringContaining(message)]);
  const [said1 = ""] = said(binding("Role", "web", [{ kind, name }]));
  expect(said1).toContain("Name in subjects[0].name who needs it.");
});

test("is undecided of a subject that is not known, and judges the others", () => {
  expect(
    said(
      clusterBinding("web", [
        { kind: "User", name: unknown },
        { kind: "User", name: "system:anonymous" },
      ]),
    ),
  ).toEqual([expect.stringContaining("subjects[0].name is not known"), expect.stringContaining("subjects[1].name")]);
});
