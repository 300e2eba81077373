/** The state is damaged, its disk is full, and what opens its secrets is wrong or gone. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { root } from "../../../scripts/stack.ts";
import { newestWhole } from "../../../scripts/state-copies.ts";
import { copiesOf, putBack } from "../../../scripts/state-folder.ts";
import { longTest } from "../long.ts";
import {
  comesUp,
  complete,
  figures,
  goesDown,
  keptIn,
  made,
  objectsOf,
  stackFolder,
  stackOf,
  unchanged,
  up,
} from "./context.ts";

const name = "state";

longTest(
  "a state that is cut off, empty or garbage is recognised, and the copy of the last run takes its place",
  async () => {
    await comesUp(name);
    const { file } = stackFolder(name);
    const whole = readFileSync(file, "utf8");
    const damages = {
      "is cut off or no JSON": whole.slice(0, whole.length / 2),
      "is empty": "",
      "but no state of": "{}",
    };
    for (const [says, damaged] of Object.entries(damages)) {
      writeFileSync(file, damaged);
      await assert.rejects(stackOf(name).capture("preview"), new RegExp(`${says}.*a preview changes nothing`));
      assert.equal(readFileSync(file, "utf8"), damaged, "a preview has changed the state");
      const said = await comesUp(name);
      assert.match(said, new RegExp(`${says}.*The newest whole copy is .* with 10 resources, and takes its place`));
      assert.deepEqual(await objectsOf(name), complete);
      await unchanged(name);
    }
    const aside = readdirSync(dirname(file)).filter((one) => one.includes(".damaged-"));
    assert.equal(aside.length, 3, "the damaged ones are kept");
  },
);

longTest(
  "without a whole copy nothing is done, and after a run that was cut off a human chooses the copy",
  async () => {
    const { dir, file } = stackFolder(name);
    const whole = readFileSync(file, "utf8");
    writeFileSync(`${file}.bak`, whole); // a run has written since the last one that ended
    writeFileSync(file, whole.slice(0, 100));
    await assert.rejects(
      up(name),
      /so it may lack what that run made last.*npm run state -- --stack faults-state --restore newest/,
    );
    const folder = stackOf(name).folder() ?? assert.fail();
    const newest = newestWhole(copiesOf(folder));
    assert.equal(newest?.file, `${file}.bak`);
    putBack(folder, newest.file); // what that command does
    await comesUp(name);
    await unchanged(name);
    for (const folder of ["history", "backups"]) rmSync(join(dir, ".pulumi", folder), { recursive: true, force: true });
    rmSync(`${file}.bak`);
    writeFileSync(file, "");
    await assert.rejects(up(name), /No copy of it is whole/);
    writeFileSync(file, whole);
    await unchanged(name);
  },
);

longTest("a wrong passphrase, and none, change nothing", async () => {
  const { dir, file } = stackFolder(name);
  const passphrase = join(dir, "passphrase");
  const [right, before] = [readFileSync(passphrase), readFileSync(file, "utf8")];
  try {
    writeFileSync(passphrase, "wrong");
    const { text, exitCode } = await up(name, { round: 3 });
    assert.notEqual(exitCode, 0);
    assert.match(text, /does not hold the passphrase with which the secrets of stack faults-state are encrypted/);
    rmSync(passphrase);
    await assert.rejects(up(name, { round: 3 }), /passphrase is gone.*Nothing is changed/);
    assert.equal(readFileSync(file, "utf8"), before);
  } finally {
    writeFileSync(passphrase, right, { mode: 0o600 });
  }
  await comesUp(name, { round: 3 });
  assert.equal(keptIn(file).pending.length, 0);
  await goesDown(name);
});

longTest("a disk that is full when the state is written keeps the old state, and the next up converges", async () => {
  // A mount namespace of its own takes the disk along, however this ends.
  const { dir: disk } = stackFolder("disk");
  made.add("disk");
  mkdirSync(disk, { recursive: true });
  const script = `mount -t tmpfs -o size=1m none ${disk} && exec "$@"`;
  const command = [
    "unshare",
    "-m",
    "sh",
    "-c",
    script,
    "sh",
    process.execPath,
    join(import.meta.dirname, "full-disk.ts"),
  ];
  const start = performance.now();
  const { all, exitCode } = await execa(command[0] ?? "", command.slice(1), { all: true, reject: false, cwd: root });
  assert.equal(exitCode, 0, all);
  figures.push(
    `disk full, all of it: ${((performance.now() - start) / 1000).toFixed(1)} s; ${all.split("\n").at(-1) ?? ""}`,
  );
});
