/** What goes wrong with whoever watches, and with whom it tells. */
import { outside } from "../../fixtures.ts";
import { controller, podinfo } from "../broken.ts";
import { kubectl } from "../context.ts";
import { apply, remove } from "../objects.ts";
import { sink, type Webhook } from "../webhook.ts";
import { cause, type Step } from "./fault.ts";

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

const app = "two-for-one";
const pods = `kube_pod_info{namespace="default",pod=~"${app}-.+"}`;
const says = { severity: "warning", description: "A test does that.", runbook: "https://wiki.example/two" };

/** Rules of a stack's own: one that fires once there are two pods, and one that cannot be worked out then. */
export const ownRules = {
  TwoPods: { expr: `count(${pods}) > 1`, for: "30s", summary: "There are {{ $value }}.", ...says },
  TwoForOne: {
    expr: `${pods} * on (namespace) ${pods} > 1`,
    summary: "Each pod is looked for by its namespace.",
    ...says,
  },
};

const deployment = controller("Deployment", app, { containers: [podinfo] });

/** {@link ownRules} find what they ask for. */
export const rulesFail = cause({
  what: "a rule of a stack's own finds two pods for one",
  fires: ["TwoPods", "RulesFail"],
  minutes: 10,
  begin: async () => {
    await apply(deployment);
    await kubectl("scale", `deployment/${app}`, "-n", "default", "--replicas=2");
  },
  mend: () => remove(deployment),
});
