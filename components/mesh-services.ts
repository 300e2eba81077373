/** Every Service of the mesh, from the half of the component that makes it. */
import { backendService } from "./backend-plan.ts";
import { bookstoreServices } from "./bookstore-plan.ts";
import type { BookstoreConfig } from "./bookstore-schema.ts";
import type { IngressConfig } from "./ingress-schema.ts";
import type { MeshService } from "./mesh-service.ts";
import { backendApp } from "./platform-network.ts";

/** What decides which Services the mesh has. */
export interface MeshShape {
  readonly backend: { readonly namespace: string; readonly replicas: { readonly min: number } };
  readonly bookstore: BookstoreConfig;
  readonly ingress: Pick<IngressConfig, "kind">;
}

/** Every Service of the mesh, of which there are none without it. */
export const meshServices = ({ backend, bookstore, ingress }: MeshShape): MeshService[] =>
  ingress.kind === "none" ? [] : [backendService(backendApp, backend), ...bookstoreServices(bookstore)];
