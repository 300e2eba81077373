import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planK3sReset } from "../../backup/k3s-reset-plan.ts";
import { k3sMisfits } from "../../backup/k3s-restore.ts";
import type { Step } from "../../backup/reset-plan.ts";

describe("a snapshot fits a cluster", () => {
  let opened = "";

  beforeAll(() => {
    opened = mkdtempSync(join(tmpdir(), "quintet-k3s-restore-"));
    mkdirSync(join(opened, "pki"));
    writeFileSync(join(opened, "pki", "token"), "K10c0ffee::server:of-its-time\n"); // as k3s writes it
  });

  afterAll(() => {
    rmSync(opened, { recursive: true });
  });

  const misfits = (version: string, kubernetesVersion: string, token = "of-its-time") =>
    k3sMisfits({ version }, { kubernetesVersion }, opened, { token });

  test.each([
    ["v1.36.3+k3s1", "v1.36.3+k3s1"],
    ["v1.36.4+k3s2", "v1.36.3+k3s1"],
    ["v1.37.0+k3s1", "v1.36.3+k3s1"],
  ])("%s reads what %s has written", (version, written) => {
    expect(misfits(version, written)).toEqual([]);
  });

  test.each([
    ["v1.36.3+k3s1", "v1.37.0+k3s1"],
    ["v1.38.0+k3s1", "v1.36.3+k3s1"],
  ])("%s does not read what %s has written", (version, written) => {
    expect(misfits(version, written)).toEqual([
      `The snapshot is of Kubernetes ${written}, and the cluster of ${version}: it can be read by that minor release and the next.`,
    ]);
  });

  test("the token is the one of its time, in short or in k3s' own long form", () => {
    expect(misfits("v1.36.3+k3s1", "v1.36.3+k3s1", "K10c0ffee::server:of-its-time")).toEqual([]);
    expect(misfits("v1.36.3+k3s1", "v1.36.3+k3s1", "of-today")).toEqual([
      expect.stringMatching(/^The snapshot was taken with another token than quintet:k3sToken, .*pki\/token/),
    ]);
  });
});

describe("the steps of a restore", () => {
  const phases = planK3sReset({ servers: ["one", "two", "three"], stamp: "NOW" });
  const text = (step: Step) => (step.kind === "copy" ? `copy ${step.to}` : step.script);
  const on = (node: string) => phases.flatMap(({ steps }) => steps.filter((step) => step.node === node)).map(text);

  test("the first server is told of none to join while it is reset, and of the same one after", () => {
    const [, , copied, before, reset, after] = on("one");
    expect(copied).toBe("copy /var/lib/quintet/restore-NOW.db");
    expect(before).toMatch(/mv \S+\/10-entry\.yaml \/var\/lib\/quintet\/k3s-entry-aside/);
    expect(reset).toBe("k3s server --cluster-reset --cluster-reset-restore-path=/var/lib/quintet/restore-NOW.db");
    expect(after).toMatch(
      /^rm \/var\/lib\/quintet\/restore-NOW\.db; .*mv \/var\/lib\/quintet\/k3s-entry-aside \S+\/10-entry\.yaml/,
    );
  });

  test("all servers stand still before the first is reset, and the others come one after the other, without their data", () => {
    const titles = phases.map(({ title }) => title);
    expect(titles.slice(2)).toEqual([
      "restore the snapshot on one",
      "start k3s on one",
      "let two join anew",
      "let three join anew",
    ]);
    expect(phases[1]?.steps.map(({ node }) => node)).toEqual(["one", "two", "three"]);
    for (const name of ["two", "three"]) {
      expect(on(name)).toEqual([
        "systemctl stop k3s",
        expect.stringContaining("mv /var/lib/rancher/k3s/server/db /var/lib/rancher/k3s/server/db-before-restore-NOW"),
        "systemctl start k3s",
        "k3s kubectl get --raw=/readyz --request-timeout=5s",
      ]);
    }
  });
});
