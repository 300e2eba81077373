import { celText, given, orElse, partsOf } from "../../../../policies/lib/cel/form.ts";

test.each([
  ["{it.who} has no image", [{ cel: "it.who" }, { text: " has no image" }]],
  ["Set {it.path}.image.", [{ text: "Set " }, { cel: "it.path" }, { text: ".image." }]],
  ["{key}{it.who}", [{ cel: "key" }, { cel: "it.who" }]],
  ["as it stands", [{ text: "as it stands" }]],
  ["{open", [{ text: "{open" }]],
  ["closed}", [{ text: "closed}" }]],
  ["", []],
])("the parts of %j: what is in braces is CEL", (template, parts) => {
  expect(partsOf(template)).toEqual(parts);
});

test.each([
  ["{it.path}.image", 'string(it.path) + ".image"'],
  ['say "no"', String.raw`"say \"no\""`],
  ["", '""'],
])("the text %j is one expression", (template, expression) => {
  expect(celText(template)).toBe(expression);
});

test.each([
  ["it.value.image", "has(it.value.image)"],
  [
    "variables.spec.securityContext.runAsUser",
    "has(variables.spec.securityContext) && has(variables.spec.securityContext.runAsUser)",
  ],
  ["it.value.a.b.c", "has(it.value.a) && has(it.value.a.b) && has(it.value.a.b.c)"],
])("%s is given where each of its steps is", (path, expression) => {
  expect(given(path)).toBe(expression);
});

test("something else stands in for a path that breaks off", () => {
  expect(orElse("it.value.exec.command", "[]")).toBe(
    "(has(it.value.exec) && has(it.value.exec.command) ? it.value.exec.command : [])",
  );
});
