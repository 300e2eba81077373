/**
 * What proxies count of calls, beyond what Istio's bootstrap lets Envoy keep: patterns of the names of statistics
 * (www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats). Envoy has them of itself, in
 * upstream's build as in Istio's; whose call it is, is known by whose proxy has counted it.
 */

/**
 * Of the calls that a pod makes, by the Service that is called: answers by status, their times, and bytes both ways. The
 * semicolon ends a name that istiod gives; what comes between it and `upstream` counts the same calls once more.
 */
export const callsMade =
  "cluster\\.outbound\\|[^;]*;\\.upstream_" +
  "(rq_(\\dxx|\\d{3}|time|total|active|timeout|retry|retry_success|pending_overflow)|cx_[rt]x_bytes_total)";

/** Of the calls that a gateway gets from clients, by its listener. */
export const callsOfClients = "http\\.outbound_[^;]*;\\.downstream_(rq_(\\dxx|time)|cx_[rt]x_bytes_total)";
