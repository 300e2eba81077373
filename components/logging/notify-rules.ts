/** What of events people are told unless a stack says otherwise; docs/alerts.md shows it. No Pulumi here. */
import type { LogAlert, LogCase } from "../monitoring/insight.ts";
import { logExpression, type Threshold } from "./log-expression.ts";

/** An event as the collector brings it. */
const event = (reason: string, line: string, kind = "Pod"): LogCase["said"][number] => ({
  stream: { source: "events", namespace: "shop-web" },
  beside: { k8s_event_reason: reason, kind, name: "a" },
  line,
});

const alert = (threshold: Threshold, told: Omit<LogAlert, "expr">): LogAlert => ({
  ...told,
  expr: logExpression(threshold),
});

const fires = (kind = "Pod") => [{ namespace: "shop-web", kind, name: "a" }];

const pulling = event("Failed", 'Failed to pull image "registry.example/none:1": not found');
const noVolume = event("FailedMount", 'MountVolume.SetUp failed for volume "config": configmap "config" not found');
const refused = event("FailedCreate", 'pods "a-x" is forbidden: exceeded quota: quota', "ReplicaSet");

/** The rules over events, each of which comes from what a kubelet or a controller says of one object. */
export const logAlerts: readonly LogAlert[] = [
  alert(
    {
      of: { kind: "events", reasons: ["Failed", "BackOff", "ErrImageNeverPull"], saying: "(?i)image" },
      atLeast: 3,
      within: "10m",
    },
    {
      name: "ImageNotPulled",
      severity: "warning",
      summary: "The image of {{ $labels.namespace }}/{{ $labels.name }} cannot be pulled.",
      meaning:
        "The pod does no work until its image comes. Kubelets say so less and less: PodNotReady stays for as long as it lasts.",
      runbook: [
        "`kubectl -n <namespace> describe pod <name>`: the events at the end have the registry's own answer.",
        "Not found: is the tag there? Unauthorized: has the namespace its login (`quintet:registries.pullSecrets`)?",
      ],
      fired: { by: "a pod's image is in no registry" },
      cases: [
        { when: "three tries have failed", said: [pulling, pulling, pulling], fires: fires() },
        { when: "one try has failed", said: [pulling], fires: [] },
        {
          when: "a container ends again and again, which PodCrashLooping says",
          said: Array.from({ length: 5 }, () => event("BackOff", "Back-off restarting failed container a in pod a")),
          fires: [],
        },
      ],
    },
  ),
  alert(
    {
      of: { kind: "events", reasons: ["FailedMount", "FailedAttachVolume", "FailedMapVolume"] },
      atLeast: 4,
      within: "10m",
    },
    {
      name: "VolumeNotMounted",
      severity: "warning",
      summary: "A volume of {{ $labels.namespace }}/{{ $labels.name }} cannot be mounted.",
      meaning:
        "The pod does not start without it. Kubelets say so less and less: PodNotReady stays for as long as it lasts.",
      runbook: [
        "`kubectl -n <namespace> describe pod <name>`: the events at the end name the volume, and what it lacks.",
        "A ConfigMap or a Secret: does it exist in that namespace, with that key? A claim: is it bound, and to a disk of that zone?",
      ],
      fired: { by: "a pod's ConfigMap is not there" },
      cases: [
        { when: "it is tried again and again", said: Array.from({ length: 8 }, () => noVolume), fires: fires() },
        { when: "what it lacks was a little late", said: [noVolume, noVolume, noVolume], fires: [] },
      ],
    },
  ),
  alert(
    { of: { kind: "events", reasons: ["FailedCreate"] }, atLeast: 5, within: "5m" },
    {
      name: "PodsRefused",
      severity: "warning",
      summary: "{{ $labels.kind }} {{ $labels.namespace }}/{{ $labels.name }} cannot make its pods.",
      meaning: "A quota, a policy or a webhook refuses them: what is to replace a pod that goes does not come.",
      runbook: [
        "`kubectl -n <namespace> describe <kind> <name>`: the event says who refuses, and why.",
        "A quota: `kubectl -n <namespace> describe resourcequota`. A policy: `npm run policy -- check` says the same of the file.",
      ],
      fired: { by: "a Deployment wants more than its tenant's quota" },
      cases: [
        { when: "five are refused", said: Array.from({ length: 5 }, () => refused), fires: fires("ReplicaSet") },
        { when: "two are", said: [refused, refused], fires: [] },
      ],
    },
  ),
  alert(
    { of: { kind: "events", reasons: ["Evicted", "Preempted"] }, atLeast: 1, within: "10m" },
    {
      name: "PodEvicted",
      severity: "warning",
      summary: "{{ $labels.namespace }}/{{ $labels.name }} was taken off its node.",
      meaning:
        "Its node ran out of memory or disk, or a pod that matters more took its place. Another is made elsewhere, if there is room.",
      runbook: [
        "`kubectl get events -A --field-selector reason=Evicted`: what was short, on which node?",
        "Memory: whose limits are far above their requests? Disk: NodeDiskFull says what to do.",
      ],
      fired: { by: "a pod that matters more takes its place" },
      cases: [
        {
          when: "one is evicted",
          said: [event("Evicted", "The node was low on resource: memory.")],
          fires: fires(),
        },
        { when: "one is deleted", said: [event("Killing", "Stopping container a")], fires: [] },
      ],
    },
  ),
  alert(
    { of: { kind: "events", reasons: ["SystemOOM", "OOMKilling"] }, atLeast: 1, within: "10m" },
    {
      name: "NodeOutOfMemory",
      severity: "critical",
      summary: "The kernel of {{ $labels.name }} has ended a process for want of memory.",
      meaning: "Which one it takes is not ours to say: a container above its limit, or a part of the node itself.",
      runbook: [
        "`kubectl describe node <name>`: the event names the process; `kubectl top pods -A --sort-by=memory` who takes most.",
        "Raise the limit of who needs it, or find what it does not give back.",
      ],
      fired: { not: "the five nodes share one machine's memory" },
      cases: [
        {
          when: "a process was ended",
          said: [event("SystemOOM", "System OOM encountered, victim process: podinfo, pid: 7", "Node")],
          fires: fires("Node"),
        },
        { when: "a node starts", said: [event("Starting", "Starting kubelet.", "Node")], fires: [] },
      ],
    },
  ),
  alert(
    { of: { kind: "events", reasons: ["Rebooted"] }, atLeast: 1, within: "10m" },
    {
      name: "NodeRebooted",
      severity: "warning",
      summary: "The node {{ $labels.name }} has started anew.",
      meaning: "Its pods were away meanwhile. Nobody has to do anything, if somebody has done it on purpose.",
      runbook: ["On the node: `last -x reboot`, `journalctl -b -1 -e`: was it told to, or did it fall?"],
      fired: { not: "the five nodes share one machine's kernel" },
      cases: [
        {
          when: "its kernel is another",
          said: [event("Rebooted", "Node a has been rebooted, boot id: 1", "Node")],
          fires: fires("Node"),
        },
        { when: "its kubelet alone is", said: [event("Starting", "Starting kubelet.", "Node")], fires: [] },
      ],
    },
  ),
];

/** How they are called, which a test keeps true. */
export const logAlertNames = [
  "ImageNotPulled",
  "VolumeNotMounted",
  "PodsRefused",
  "PodEvicted",
  "NodeOutOfMemory",
  "NodeRebooted",
] as const;

/** Those that are left when some are left out. */
export const logAlertsWithout = (without: readonly string[]): LogAlert[] =>
  logAlerts.filter(({ name }) => !without.includes(name));
