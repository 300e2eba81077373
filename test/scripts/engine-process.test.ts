import { handOnSignals } from "../../scripts/engine-process.ts";

test("a Ctrl-C that arrives twice is handed on once, and a later one again", () => {
  const [sent, said]: [string[], string[]] = [[], []];
  let now = 10_000;
  jest.spyOn(performance, "now").mockImplementation(() => now);
  const undo = handOnSignals({ kill: (signal) => sent.push(signal) > 0 }, (line) => said.push(line));
  try {
    process.emit("SIGINT");
    now += 100;
    process.emit("SIGINT"); // from whoever started this process
    expect(sent).toEqual(["SIGINT"]);
    now += 5_000;
    process.emit("SIGTERM");
    expect(sent).toEqual(["SIGINT", "SIGINT"]);
    expect(said).toEqual([expect.stringMatching(/^Stopping: .*Once more ends it at once\.$/)]);
  } finally {
    undo();
    jest.restoreAllMocks();
  }
  expect(process.listenerCount("SIGHUP")).toBe(0);
});
