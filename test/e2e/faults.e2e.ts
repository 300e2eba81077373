/**
 * Faults of the engine, its state and its API server: the real engine and provider, by the code of `npm run up`, against
 * a real API server with simulated nodes. A part registers its tests as it is imported.
 */
import "./faults/cluster-up-down.ts";
import "./faults/cut-off.ts";
import "./faults/locks.ts";
import "./faults/state-files.ts";
import "./faults/api-server.ts";
import "./faults/blocked.ts";
import "./faults/other-cluster.ts";
import "./faults/expired.ts";
import "./faults/refusals.ts";
