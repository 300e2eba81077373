/** How the cases of other tools are read out of their tests. */
import { rulesIn } from "./lib/exams/datree-cases.ts";
import { analysesIn } from "./lib/exams/istio-cases.ts";
import { expectationsIn } from "./lib/exams/kube-score-cases.ts";
import { auditLinesIn } from "./lib/exams/kubeaudit-cases.ts";
import { regoCasesIn } from "./lib/exams/trivy-cases.ts";

test("reads the calls of kube-score, and leaves those with a configuration of their own", () => {
  const source = `
func TestOne(t *testing.T) {
	for _, v := range []string{"a", "b"} {
		testExpectedScore(t, "job-"+v+"-set.yaml", "Job", scorecard.GradeAllOK)
	}
}
func TestTwo(t *testing.T) {
	testExpectedScoreWithConfig(t, []ks.NamedReader{testFile("pod.yaml")}, nil, &config.RunConfiguration{
		EnabledOptionalTests: structMap,
	}, "Pod", scorecard.GradeCritical)
	testExpectedScoreWithConfig(t, []ks.NamedReader{testFile("pod.yaml")}, nil, &config.RunConfiguration{
		IgnoreContainerCpuLimitRequirement: true,
	}, "Resources", scorecard.GradeAllOK)
}`;
  expect(expectationsIn(source)).toEqual([
    { file: "job-a-set.yaml", check: "Job", grade: "GradeAllOK" },
    { file: "job-b-set.yaml", check: "Job", grade: "GradeAllOK" },
    { file: "pod.yaml", check: "Pod", grade: "GradeCritical" },
  ]);
});

test("reads tests of Rego with one literal and one count, and no others", () => {
  const literal = `{\n\t"kind": "Pod",\n\t"spec": {"containers": [{"command": ["echo }"],}]},\n}`;
  const source = `package a
test_denied if {
	r := deny with input as ${literal}
	count(r) > 0
}
test_allowed if {
	r := deny with input as ${literal}
	count(r) == 0
}
test_computed if {
	r := deny with input as build_pod({})
	count(r) == 1
}
test_twice if {
	count(deny) == 1 with input as ${literal}
	count(deny) == 0 with input as ${literal}
}`;
  const input = { kind: "Pod", spec: { containers: [{ command: ["echo }"] }] } };
  expect(regoCasesIn(source)).toEqual([
    { name: "test_denied", input, refused: true },
    { name: "test_allowed", input, refused: false },
  ]);
});

test("reads the tables of kubeaudit, and leaves what labels or a configuration change", () => {
  const source = `
		{"a.yml", fixtureDir, []string{One, Two}},
		{"b.yml", nil, true},
		{"c.yml", "", "", []string{
			One,
		}},
		{"d.yml", "600m", "", []string{One}},
		{"e.yml", []string{override.GetOverriddenResultName(One), Two}},
		{"f.yml", []string{kubeaudit.RedundantAuditorOverride}},`;
  expect(auditLinesIn(source)).toEqual([
    { file: "a.yml", errors: ["One", "Two"] },
    { file: "b.yml", errors: [] },
    { file: "c.yml", errors: ["One"] },
  ]);
});

test("reads the table of Istio, and leaves what a configuration of the mesh changes", () => {
  const entry = (name: string, config: string) => `	{
		name: "${name}",
		inputFiles: []string{
			"testdata/a.yaml",
		},
		${config}analyzer: &service.PortNameAnalyzer{},
		expected: []message{
			// {msg.Other, "Service not/this"},
			{msg.Port, "Service shop/web"},
		},
	},`;
  expect(analysesIn(`${entry("a", "")}\n${entry("b", 'meshConfigFile: "testdata/mesh.yaml",\n\t\t')}`)).toEqual([
    { name: "a", files: ["testdata/a.yaml"], analyzer: "service.PortNameAnalyzer", told: ["Service shop/web"] },
  ]);
});

test("reads the default rules of datree by their numbers", () => {
  const source = `
apiVersion: v1
rules:
  - id: 7
    uniqueName: SEVEN
    schema:
      properties: {}
  - id: 12
    uniqueName: TWELVE
`;
  expect([...rulesIn(source)]).toEqual([
    ["7", "SEVEN"],
    ["12", "TWELVE"],
  ]);
});
