/** What is broken of the mesh: its control plane, the gateway, and what proxies are told. */
import { gatewayLabels, gatewayName, gatewayNamespace } from "../../../../components/gateway-plan.ts";
import { istiodName, istioNamespace, revisionOf } from "../../../../components/istio-names.ts";
import { versions } from "../../../../versions.ts";
import { apply, remove } from "../objects.ts";
import { cause, scaled } from "./fault.ts";

/** The gateway has no pods. */
export const gatewayAway = cause(
  scaled({ name: `deployment/${gatewayName}`, namespace: gatewayNamespace }, 0, {
    what: "the gateway is scaled to zero",
    fires: ["GatewayDown"],
    minutes: 4,
  }),
);

/** istiod has no pods. */
export const istiodAway = cause(
  scaled({ name: `deployment/${istiodName(revisionOf(versions.istio))}`, namespace: istioNamespace }, 0, {
    what: "istiod is scaled to zero",
    fires: ["IstiodDown"],
    minutes: 5,
  }),
);

/** istiod takes a filter in Lua without reading it, and the proxies do not. */
const notLua = {
  apiVersion: "networking.istio.io/v1alpha3",
  kind: "EnvoyFilter",
  metadata: { name: "not-lua", namespace: gatewayNamespace },
  spec: {
    workloadSelector: { labels: gatewayLabels },
    configPatches: [
      {
        applyTo: "HTTP_FILTER",
        match: {
          context: "GATEWAY",
          listener: { filterChain: { filter: { name: "envoy.filters.network.http_connection_manager" } } },
        },
        patch: {
          operation: "INSERT_FIRST",
          value: {
            name: "not-lua",
            typed_config: {
              "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
              default_source_code: { inline_string: "this is not Lua" },
            },
          },
        },
      },
    ],
  },
};

/** Proxies of the gateway refuse what they are told. */
export const rejected = cause({
  what: "an EnvoyFilter is not what Envoy takes",
  fires: ["MeshConfigurationRejected"],
  minutes: 5,
  begin: () => apply(notLua),
  mend: () => remove(notLua),
});
