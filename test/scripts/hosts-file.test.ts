import { hostsLines, withLines } from "../../scripts/hosts-file.ts";

const there = "127.0.0.1 localhost\n";
const lines = ["172.20.20.12 enroll.example"];
const block = `# quintet dev: begin\n${lines[0] ?? ""}\n# quintet dev: end\n`;

test("the names stand for the first address", () => {
  const ingress = { names: ["enroll.example", "www.enroll.example"], addresses: ["172.20.20.12", "172.20.20.52"] };
  expect(hostsLines(ingress)).toEqual(["172.20.20.12 enroll.example www.enroll.example"]);
});

test("a name of a load balancer is refused with what to do", () => {
  expect(() => hostsLines({ names: ["enroll.example"], addresses: ["lb.example.com"] })).toThrow(
    /^The ingress is found as lb\.example\.com, .* make enroll\.example an alias of it/,
  );
  expect(() => hostsLines({ names: ["enroll.example"], addresses: [] })).toThrow("no address yet");
});

test("lines are added once, replaced, and taken out again, and the rest stays as it was", () => {
  const once = withLines(there, "dev", lines);
  expect(once).toBe(there + block);
  expect(withLines(once, "dev", lines)).toBe(once);
  expect(withLines(once, "dev", ["10.0.0.1 enroll.example"])).toBe(there + block.replace("172.20.20.12", "10.0.0.1"));
  expect(withLines(once, "staging", ["10.0.0.1 staging.example"])).toContain(block);
  expect(withLines(once, "dev", [])).toBe(there);
  expect(withLines(there, "dev", [])).toBe(there);
  expect(withLines("127.0.0.1 localhost", "dev", lines)).toBe(there + block);
});

test("half a block is refused", () => {
  expect(() => withLines(`${there}# quintet dev: begin\n`, "dev", lines)).toThrow(/only one of the lines .* repair it/);
});
