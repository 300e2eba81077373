import { planBackend } from "../../components/backend-plan.ts";
import { meshServices } from "../../components/mesh-services.ts";

const bookstore = { kind: "none" } as const;
const backend = { namespace: "store", replicas: { min: 2 } };

test("the backend is one, with the labels that its pods have", () => {
  const [service, ...others] = meshServices({ backend, bookstore, ingress: { kind: "gateway" } });
  const { deployment, service: own } = planBackend({
    app: "backend",
    image: "registry.example/podinfo:1",
    replicas: { min: 2, max: 3 },
    resources: { cpu: "1", memory: "1Gi" },
    racks: false,
    qosClass: "Guaranteed",
  });
  expect(others).toEqual([]);
  expect(service).toEqual({
    namespace: "store",
    name: own.metadata.name,
    port: own.spec.ports[0]?.port,
    versions: { v1: deployment.spec.template.metadata.labels },
    leastPods: 2,
    gatewayOnly: true,
  });
});

test("without the mesh there is none", () => {
  expect(meshServices({ backend, bookstore, ingress: { kind: "none" } })).toEqual([]);
});
