import { plainProgress } from "../../toolchain/progress.ts";
import { hammer } from "./fixture.ts";

test("one line per tool that comes, counted with those that are there", () => {
  const lines: string[] = [];
  const progress = plainProgress((line) => void lines.push(line));
  progress({ type: "plan", total: 24, cached: 6 });
  progress({ type: "start", tool: hammer, how: "building from tools/workshop" });
  progress({ type: "done", tool: hammer, how: "built from tools/workshop", seconds: 31.2 });
  progress({ type: "warning", message: "the anvil is heavy." });
  expect(lines).toEqual([
    "6 of 24 tools are there.",
    "[ 7/24] hammer v1.2.3: built from tools/workshop in 31 s",
    "warning: the anvil is heavy.",
  ]);
});

test("nothing is said when everything is there", () => {
  const print = jest.fn();
  plainProgress(print)({ type: "plan", total: 24, cached: 24 });
  expect(print).not.toHaveBeenCalled();
});

test("what takes long is told while it does", () => {
  jest.useFakeTimers();
  const print = jest.fn();
  const progress = plainProgress(print);
  progress({ type: "plan", total: 2, cached: 0 });
  print.mockClear();
  progress({ type: "start", tool: hammer, how: "building from tools/workshop" });
  jest.advanceTimersByTime(19_999);
  expect(print).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(print.mock.calls).toEqual([["      hammer v1.2.3: building from tools/workshop"]]);
  progress({ type: "done", tool: hammer, how: "built", seconds: 125 });
  expect(print).toHaveBeenLastCalledWith("[1/2] hammer v1.2.3: built in 2 m 05 s");
  jest.useRealTimers();
});
