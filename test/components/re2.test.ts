import { re2Problem } from "../../components/re2.ts";

test.each([
  "/api/v[0-9]+",
  "(?i)chrome|firefox",
  "^user=[^;]+;.*$",
  "a{2,10}",
  "[\\w\\-]+",
  "[z\\-a]",
  "\\d{3}-\\d{4}",
  "(?:a|b)*?c",
  "(?<name>a)",
  "\\\\1",
  "\\\\-",
  "a\\.b\\/c",
])("%s is one of RE2's", (text) => {
  expect(re2Problem(text)).toBeUndefined();
});

test.each([
  ["", "is empty, and would match nothing"],
  ["a".repeat(1025), "has 1025 characters, Istio takes 1024"],
  ["(?=a)b", "looks ahead or behind, which RE2 does not"],
  ["a(?!b)", "looks ahead or behind, which RE2 does not"],
  ["(?<=a)b", "looks ahead or behind, which RE2 does not"],
  ["(?<!a)b", "looks ahead or behind, which RE2 does not"],
  ["(a)\\1", "refers back to a group, which RE2 does not"],
  ["\\\\\\1", "refers back to a group, which RE2 does not"],
  ["(?<n>a)\\k<n>", "refers back to a group, which RE2 does not"],
  ["\\u0041", "has an escape of JavaScript's, which RE2 has not"],
  ["\\p{Script=Greek}", "has an escape of JavaScript's, which RE2 has not"],
  ["a[]", "has an empty class of characters, which RE2 has not"],
  ["a{1001}", "repeats more than 1000 times, which RE2 does not"],
  ["a{1,1001}", "repeats more than 1000 times, which RE2 does not"],
  ["(a", "is no regular expression: Unterminated group"],
  ["a)", "is no regular expression: Unmatched ')'"],
  ["*a", "is no regular expression: Nothing to repeat"],
  ["[b-a]", "is no regular expression: Range out of order in character class"],
  ["\\q", "is no regular expression: Invalid escape"],
])("%s is none", (text, problem) => {
  expect(re2Problem(text)).toBe(problem);
});
