/**
 * The whole way, in order: each test goes on from where the one before it has left the cluster, and so does each of these
 * parts. A part registers its tests as it is imported.
 */
import "./platform/cleanup.ts";
import "./platform/start.ts";
import "./platform/monitoring.ts";
import "./platform/logging.ts";
import "./platform/tracing.ts";
import "./platform/names.ts";
import "./platform/network-policy.ts";
import "./platform/certificates.ts";
import "./platform/connectivity.ts";
import "./platform/kubectl.ts";
import "./platform/node-problems.ts";
import "./platform/faults.ts";
import "./platform/notifications.ts";
import "./platform/alerts.ts";
import "./platform/ingress.ts";
import "./platform/mesh.ts";
import "./platform/loadtest.ts";
import "./platform/dashboards.ts";
import "./platform/isolation.ts";
import "./platform/stacks.ts";
import "./platform/tenants.ts";
import "./platform/admission.ts";
import "./platform/secrets.ts";
import "./platform/restore.ts";
import "./platform/teardown.ts";
import "./platform/simulated.ts";
