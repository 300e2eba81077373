import { kubectlDeadline } from "../../embedded/kubectl.ts";

test("kubectl is given as long as it is told to wait, and half a minute more to say what for", () => {
  expect(kubectlDeadline(["rollout", "status", "deployment/backend", "--timeout=170s"])).toBe(200_000);
  expect(kubectlDeadline(["drain", "node", "--timeout=5m", "--force"])).toBe(330_000);
});

test("a call that is told nothing of waiting has the deadline of every command", () => {
  expect(kubectlDeadline(["get", "nodes", "--request-timeout=10s"])).toBeUndefined();
  expect(kubectlDeadline([])).toBeUndefined();
});
