/** What goes wrong with whoever watches, and with whom it tells. */
import { monitoringNamespace } from "../../../../components/monitoring/names.ts";
import { outside } from "../../fixtures.ts";
import { sink, type Webhook } from "../webhook.ts";
import { cause, scaled, type Step } from "./fault.ts";

/** Nobody is told of alerts. */
export const webhookOfPeopleAway = (webhook: Webhook) =>
  cause({
    what: "the webhook that people are told by is away",
    fires: [{ alertname: "NotificationsFail", integration: "webhook" }],
    minutes: 22,
    begin: () => webhook.end(),
    mend: () => {
      webhook.start();
    },
  });

const farPort = 9096;

/** The far end of remote write, which takes nothing at first, and says so. */
export class FarEnd {
  /** Where samples are brought to. */
  static readonly url = `http://${outside.declared}:${String(farPort)}/api/v1/write`;
  readonly #network: string;
  #server: ReturnType<typeof sink>;

  constructor(network: string) {
    this.#network = network;
    this.#server = sink(network, farPort, 400);
  }

  /** Samples are refused. */
  get refuses(): Step {
    return cause({
      what: "who it is brought to answers 400",
      fires: ["RemoteWriteLoses"],
      minutes: 10,
      mend: async () => {
        await this.end();
        this.#server = sink(this.#network, farPort);
      },
    });
  }

  /** Is away from now on. */
  end(): Promise<void> {
    return this.#server.end();
  }
}

/** Rules that put two series of an object together find four. */
export const countedTwice = cause(
  scaled({ name: "deployment/kube-state-metrics", namespace: monitoringNamespace }, 2, {
    what: "kube-state-metrics runs twice, so that every object is counted twice",
    fires: ["RulesFail"],
    minutes: 10,
  }),
);
