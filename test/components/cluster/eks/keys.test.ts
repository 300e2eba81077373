import { EksKeys } from "../../../../components/cluster/eks/keys.ts";
import { logsKeyPolicy, secretsKeyPolicy } from "../../../../components/cluster/eks/role-plan.ts";
import { record } from "../../../lib/record.ts";

const place = { name: "shop", account: "111122223333", region: "eu-central-1" };

test.each([[true], [false]])(
  "a key each for Secrets and logs that rotates and goes late, protected: %s",
  async (protect) => {
    const { resources } = await record(() => new EksKeys("keys", { place, protect }));
    const policies = { logs: logsKeyPolicy(place), secrets: secretsKeyPolicy(place) };
    const held = protect ? { protect: true } : {};
    expect(resources.filter(({ custom }) => custom)).toMatchObject([
      ...(["logs", "secrets"] as const).map((role) => ({
        name: `keys-${role}-alias`,
        inputs: { name: `alias/eks/shop/${role}`, targetKeyId: `keys-${role}-id` },
      })),
      ...(["logs", "secrets"] as const).map((role) => ({
        name: `keys-${role}`,
        inputs: {
          description: `${role === "logs" ? "Logs" : "Secrets"} of EKS cluster shop`,
          policy: JSON.stringify(policies[role]),
          enableKeyRotation: true,
          deletionWindowInDays: 30,
        },
        ...held,
      })),
    ]);
    expect(resources.filter((one) => one.protect === true)).toHaveLength(protect ? 2 : 0);
  },
);
