import { re2 } from "../../../../policies/lib/cel/functions.ts";
import { textOf } from "../../cel.ts";

describe("a regular expression", () => {
  test("reads characters, not halves of them", () => {
    expect(re2("^.$").test("🐳")).toBe(true);
  });

  test("is made once", () => {
    expect(re2("^[a-z]+$")).toBe(re2("^[a-z]+$"));
    expect(re2("^[a-z]+$")).not.toBe(re2("^[a-z]$"));
  });

  test("is refused where RE2 would not take it", () => {
    expect(() => re2("(?=a)")).toThrow("The regular expression (?=a) looks ahead or behind, which RE2 does not.");
  });
});

describe("functions of Kubernetes", () => {
  test.each([
    ['isQuantity("1Gi") && !isQuantity("1GB")', "true"],
    ['quantity("1Gi").isGreaterThan(quantity("1G"))', "true"],
    ['quantity("999m").isLessThan(quantity("1"))', "true"],
    ['quantity("1500m").asApproximateFloat() == 1.5', "true"],
    ['quantity("1u").asApproximateFloat() < 0.0001', "true"],
    ['"registry:5000/a:1".find("[0-9]+")', "5000"],
    ['"a".find("b") == ""', "true"],
    ['"ab12".matches("^[a-z]+[0-9]+$")', "true"],
    ["[1.5, 2.5].sum() == 4.0 && [1.0, 3.0, 2.0].max() == 3.0", "true"],
    ['["a", "b"].indexOf("b")', "1"],
    ['["a", "b"].indexOf("c")', "-1"],
    ['"a/b".split("/")[1].substring(0)', "b"],
  ])("%s", (expression, text) => {
    expect(textOf(expression)).toBe(text);
  });
});

describe("quantities", () => {
  test.each([
    ['quantity("1").isLessThan(quantity("1001m"))', "true"],
    ['quantity("1").isLessThan(quantity("1000m"))', "false"],
    ['quantity("1").isLessThan(quantity("999m"))', "false"],
    ['quantity("1").isGreaterThan(quantity("999m"))', "true"],
    ['quantity("1").isGreaterThan(quantity("1000m"))', "false"],
    ['quantity("1").isGreaterThan(quantity("1001m"))', "false"],
  ])("are compared by what they come to: %s is %s", (expression, text) => {
    expect(textOf(expression)).toBe(text);
  });

  // A whole number of the largest unit that it is one of, times that unit: 300 times 1e-3 is 0.3, 3e8 times 1e-9 is not.
  test.each([
    ["2Gi", "2147483648.0"],
    ["300m", "0.3"],
    ["600m", "0.6"],
    ["300u", "0.0003"],
    ["1n", "0.000000001"],
    ["0", "0.0"],
    ["-300m", "-0.3"],
  ])("%s is %s as a number", (amount, number) => {
    expect(textOf(`quantity("${amount}").asApproximateFloat() == ${number}`)).toBe("true");
  });

  test("what is none stays none when it is asked about again", () => {
    expect(textOf('isQuantity("1 Gi") || isQuantity("1 Gi")')).toBe("false");
    expect(textOf('quantity("1 Gi").isGreaterThan(quantity("0"))')).toMatch(/"1 Gi" is no quantity\.$/);
  });
});
