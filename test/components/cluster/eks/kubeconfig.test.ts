import { kubeconfigOf } from "../../../../components/cluster/eks/kubeconfig.ts";

test("names the cluster and how to get a token, and holds no credential", () => {
  const place = { name: "shop", region: "eu-central-1" };
  const text = kubeconfigOf(place, { endpoint: "https://shop.example", authority: "Q0E=" });
  expect(JSON.parse(text)).toEqual({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "shop",
    clusters: [{ name: "shop", cluster: { server: "https://shop.example", "certificate-authority-data": "Q0E=" } }],
    contexts: [{ name: "shop", context: { cluster: "shop", user: "shop" } }],
    users: [
      {
        name: "shop",
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "aws",
            args: ["eks", "get-token", "--cluster-name", "shop", "--region", "eu-central-1", "--output", "json"],
            interactiveMode: "Never",
          },
        },
      },
    ],
  });
});
