/** Envoy's local rate limit, which each proxy counts for itself (envoy.extensions.filters.http.local_ratelimit.v3). */

/** The name of the filter. */
export const localRateLimit = "envoy.filters.http.local_ratelimit";

/** The type of its configuration. */
export const rateLimitType = "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit";

/** Where an EnvoyFilter of ours comes among others: by what it says, and not by its age. */
export const patchPriority = 10;

/** The configuration of a limit that holds for every request; those above it are answered 429. */
export const rateLimitOf = ({
  prefix,
  requestsPerSecond,
  burst,
}: {
  /** What its statistics are named by. */
  readonly prefix: string;
  readonly requestsPerSecond: number;
  readonly burst: number;
}) => ({
  "@type": rateLimitType,
  stat_prefix: prefix,
  token_bucket: { max_tokens: burst, tokens_per_fill: requestsPerSecond, fill_interval: "1s" },
  filter_enabled: { default_value: { numerator: 100 } },
  filter_enforced: { default_value: { numerator: 100 } },
});
