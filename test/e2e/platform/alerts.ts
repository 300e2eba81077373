/** Everything else breaks at once, part by part: each alert is fired by its fault, seen in Alertmanager, and clears. */
import assert from "node:assert/strict";
import { startS3, stopS3 } from "../../../embedded/backups.ts";
import { podCidrs } from "../../../embedded/kubectl.ts";
import { owner } from "../../../embedded/owner.ts";
import { withOutside } from "../fixtures.ts";
import { longTest } from "../long.ts";
import { ownRule } from "./broken.ts";
import { shortCertificate, webhookAway } from "./causes/api.ts";
import { budgetsBurn } from "./causes/backend.ts";
import { snapshotsFail } from "./causes/backups.ts";
import { issuerAway, publicShort } from "./causes/certificates.ts";
import { atOnce, inTurn } from "./causes/fault.ts";
import { cutOff, lokiAway, tooLong, tooMany } from "./causes/insight.ts";
import { gatewayAway, istiodAway, rejected } from "./causes/mesh.ts";
import { FarEnd, webhookOfPeopleAway } from "./causes/monitoring.ts";
import { serversFail } from "./causes/names.ts";
import { exportsFail } from "./causes/objects.ts";
import { diskFull, littleRoom, quorumLost } from "./causes/nodes.ts";
import { atItsLimit, evicted } from "./causes/workloads.ts";
import { liveConfig, spec, state, upAsWritten, upWith } from "./context.ts";
import { Fired } from "./fired.ts";
import { Webhook } from "./webhook.ts";

longTest("each part of the platform breaks: each alert is fired by its fault, and all clear", async () => {
  const { monitoring } = liveConfig();
  assert.ok(monitoring.kind === "prometheus");
  await withOutside(spec, await podCidrs(state), async (network) => {
    const webhook = new Webhook(network);
    const farEnd = new FarEnd(network);
    try {
      await upWith({
        "quintet:monitoring": {
          ...monitoring,
          alertmanager: { ...monitoring.alertmanager, receiver: { kind: "webhook", url: Webhook.url } },
          remoteWrite: { url: FarEnd.url },
        },
        "quintet:backup": { kind: "etcd", schedule: "* * * * *" },
      });
      const fired = new Fired();
      await inTurn(
        atOnce(
          issuerAway,
          atItsLimit,
          webhookOfPeopleAway(webhook),
          farEnd.refuses,
          snapshotsFail,
          webhookAway,
          shortCertificate(),
          serversFail,
          inTurn(diskFull, littleRoom()),
          tooMany,
          inTurn(atOnce(evicted, tooLong), lokiAway),
          inTurn(atOnce(budgetsBurn, publicShort()), gatewayAway, istiodAway, rejected),
        ),
        quorumLost(webhook),
      )(fired);
      await fired.clear(720_000);
    } finally {
      await upAsWritten();
      await webhook.end();
      await farEnd.end();
    }
  });
});

longTest(
  "exports of objects fail, and Loki tells nobody: each alert is fired by its fault, and all clear",
  async () => {
    const { logging } = liveConfig();
    assert.ok(logging.kind === "loki");
    await stopS3(state);
    try {
      await upWith({
        "quintet:backup": { kind: "objects", schedule: "* * * * *" },
        "quintet:logging": { ...logging, notify: { rules: { CommandsUnknown: ownRule } } },
      });
      const fired = new Fired();
      await atOnce(exportsFail, cutOff())(fired);
      await fired.clear(720_000);
    } finally {
      await startS3(spec, state, owner());
      await upAsWritten();
    }
  },
);
