/** What exports the objects of a cluster whose etcd is somebody else's, as plain manifests: no Pulumi here. */
import {
  argsOf,
  backupCronJob,
  fieldVariables,
  jobNameField,
  loginVariables,
  recipientArgs,
  savingFlags,
  storeHalf,
} from "./backup-job.ts";
import type { ClusterFacts } from "./cluster/facts.ts";
import type { Half, NamespaceRules } from "./connectivity-graph.ts";
import type { ObjectBackupConfig } from "./etcd-backup-schema.ts";
import { lockedDown, nobody, unprivileged } from "./pod-plan.ts";
import type { Rights } from "./rights.ts";

/** Where the objects are read: in a namespace of its own, since its pods read what nobody else may. */
export const objectBackupNamespace = "object-backup";

/** The name of its objects, with which the Jobs of the schedule begin. */
export const objectBackupName = "object-backup" as const;

const labels = { "app.kubernetes.io/name": objectBackupName };

/** What decides the shape of the exports. */
export interface ObjectBackupSpec extends Omit<ObjectBackupConfig, "kind" | "image"> {
  readonly image: string;
}

/** Reading, and nothing else: all kinds, those of tomorrow's definitions among them, since what is not named here would be lost. */
const rights: Rights = {
  cluster: [{ apiGroups: ["*"], resources: ["*"], verbs: ["list"] }],
  namespace: [],
};

const folder = "/work";

/** The folder is memory and counts as the container's: packed objects, in clear and encrypted, beside a page of them. */
const sizes = { folder: "256Mi", memory: "512Mi" };
const amounts = { cpu: "250m", memory: sizes.memory };

/** Every manifest of the exports; namespaces are added by who applies it. */
export function planObjectBackup<Id>(spec: ObjectBackupSpec, clusterId: Id) {
  const { image, schedule } = spec;
  const flags = { "cluster-id": "$(CLUSTER_ID)", reason: "$(JOB_NAME)", directory: folder, ...savingFlags(spec) };
  return {
    serviceAccount: { metadata: { name: objectBackupName, labels }, automountServiceAccountToken: false },
    rights,
    cronJob: backupCronJob({
      name: objectBackupName,
      labels,
      schedule,
      final: [16, 17, 18, 19], // S3 or the API server says no, there is no room, or uploading was tried for minutes
      pod: {
        ...unprivileged(objectBackupName, { user: nobody, token: true }),
        restartPolicy: "Never",
        priorityClassName: "system-cluster-critical", // a missed backup is not noticed until it is needed
        containers: [
          {
            name: objectBackupName,
            image,
            args: ["export", ...argsOf(flags), ...recipientArgs(spec), "--json"],
            env: [
              ...fieldVariables({ JOB_NAME: jobNameField }),
              { name: "CLUSTER_ID", value: clusterId },
              ...loginVariables(objectBackupName, spec.s3),
            ],
            resources: { requests: amounts, limits: amounts },
            securityContext: lockedDown,
            volumeMounts: [{ name: "work", mountPath: folder }],
          },
        ],
        // All Secrets lie there in clear for a moment: never on a disk.
        volumes: [{ name: "work", emptyDir: { medium: "Memory", sizeLimit: sizes.folder } }],
      },
    }),
  };
}

/** What the exports add to the connectivity graph: they call the API server and S3, and nobody calls them. */
export function objectBackupHalf(
  config: Pick<ObjectBackupConfig, "s3">,
  facts: Pick<ClusterFacts, "podCidr" | "serviceCidr">,
  { closed }: NamespaceRules,
): Half {
  const from = `${objectBackupNamespace}/${objectBackupName}`;
  const { peers, edges } = storeHalf(from, config, facts);
  return {
    of: "object-backup",
    namespaces: { [objectBackupNamespace]: { closed } },
    workloads: [{ namespace: objectBackupNamespace, name: objectBackupName, labels }],
    peers,
    edges: [{ from, to: "api-server", port: "https", why: "every object is read" }, ...edges],
  };
}
