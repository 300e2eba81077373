import { isDnsLabel, isDnsName, isLabelKey, isLabelValue, isPortName } from "../../../../policies/lib/labels/names.ts";

const long = (length: number) => "a".repeat(length);

// What k8s.io/apimachinery's own tables of pkg/util/validation say, and where each of its limits lies.
describe.each([
  {
    of: isDnsLabel,
    taken: ["a", "0", "a-b", "1-2", "a--b", long(63)],
    refused: ["", "-", "a-", "-a", "A", "a.b", "a_b", "a ", "a\n", long(64)],
  },
  {
    of: isDnsName,
    taken: ["a", "a.b", "a-b.c-d", "1.2", long(64), `${long(100)}.${long(152)}`],
    refused: ["", ".", "a.", ".a", "a..b", "a-.b", "a.-b", "A.b", "a_b.c", `${long(100)}.${long(153)}`],
  },
  {
    of: isLabelKey,
    taken: ["a", "A", "a.b_c-d", "1", "example.com/a", "0.1.2.3/B_b.b", long(63), `a.${long(251)}/${long(63)}`],
    refused: [
      ...[
        "",
        "/",
        "/a",
        "a/",
        "a/b/c",
        "/a/b",
        "-a",
        "a-",
        "_a",
        "a b",
        "a/b ",
        "A/b",
        "ex_ample.com/a",
        "-a/b",
        "a-/b",
      ],
      ...[long(64), `a/${long(64)}`, `a.${long(252)}/a`],
    ],
  },
  {
    of: isLabelValue,
    taken: ["", "a", "A.b_c-d", "0", long(63)],
    refused: ["-a", "a-", ".a", "a.", "_", "a/b", "a b", " ", long(64)],
  },
  {
    of: isPortName,
    taken: ["a", "http", "a-1", "1-a", "0a", long(15)],
    refused: ["", "1", "1-2", "a--b", "-a", "a-", "A", "a_b", "a b", " a", long(16)],
  },
])("$of.name", ({ of, taken, refused }) => {
  test.each(taken)("takes %j", (text) => {
    expect(of(text)).toBe(true);
  });

  test.each(refused)("refuses %j", (text) => {
    expect(of(text)).toBe(false);
  });
});
