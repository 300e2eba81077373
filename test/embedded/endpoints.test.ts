import { readyEndpoints } from "../../embedded/endpoints.ts";

const slice = (service: string | undefined, endpoints?: readonly (boolean | undefined)[] | null) => ({
  metadata: {
    namespace: "shop",
    ...(service === undefined ? {} : { labels: { "kubernetes.io/service-name": service } }),
  },
  ...(endpoints === undefined
    ? {}
    : { endpoints: endpoints === null ? null : endpoints.map((ready) => ({ conditions: { ready } })) }),
});

test("all slices of a Service count, and who does not say that he is not ready is", () => {
  const slices = [slice("web", [true, false]), slice("web", [undefined]), slice("db", [false]), slice("api", null)];
  expect(readyEndpoints(slices)).toEqual({ "shop/web": 2, "shop/db": 0, "shop/api": 0 });
});

test("an endpoint without conditions is ready, and a slice without endpoints has none", () => {
  const bare = { ...slice("web"), endpoints: [{}] };
  expect(readyEndpoints([bare, slice("db")])).toEqual({ "shop/web": 1, "shop/db": 0 });
});
