/** Cases of Trivy that ours answer otherwise on purpose. */
import type { Difference } from "./suite.ts";

const misspelt = "accepted: its kind is ClusterRolebinding, which there is not";
const everybody = "refused: whatever the role allows, everybody has it";
const wild = "refused: ours takes each of all verbs, all resources and all API groups for too much by itself";
const unconfined =
  "refused: the Pod Security Standards allow it nowhere, also where every container has its own profile";
const annotated = "refused: since Kubernetes v1.27 nobody reads the annotation";
/** Each with what we say, and why it is meant. */
export const trivyDifferences: readonly Difference[] = [
  {
    check: "KSV122",
    cases: ["test_cluster_role_binding_with_anonymous_user_binding"],
    why: misspelt,
  },
  { check: "KSV01011", cases: ["test_cluster_role_binding_with_system_authenticate_binding"], why: misspelt },
  { check: "KSV0123", cases: ["test_cluster_role_binding_with_system_masters_binding"], why: misspelt },
  { check: "KSV01011", cases: ["test_role_binding_with_system_authenticated_group_binding_non_gke"], why: everybody },
  { check: "KSV0123", cases: ["test_role_binding_with_system_masters_group_binding 2"], why: everybody },
  {
    check: "KSV111",
    cases: [
      "test_cluster_role_admin__used_with_non_system_role_binding",
      "test_cluster_role_admin__used_with_system_role_binding",
      "test_admin_used_with_system_role_binding",
    ],
    why: "accepted: they name a Role, and only the ClusterRole of that name is the cluster's",
  },
  {
    check: "KSV044",
    cases: [
      "test_any_any_role_not_api_group",
      "test_any_any_role_no_resource",
      "test_any_any_role_no_resource_no_verbs",
    ],
    why: wild,
  },
  {
    check: "KSV045",
    cases: ["test_any_verb_role_no_specific_resource", "test_any_verb_role_no_any_verb"],
    why: wild,
  },
  { check: "KSV046", cases: ["test_resource_resource_role_no_specific_verb"], why: wild },
  {
    check: "KSV043",
    cases: ["test_impersonate_privileged_groups_not_api_group", "test_impersonate_privileged_groups_no_resource"],
    why: "refused: the verb is for nothing else, and what it is given for may be there tomorrow",
  },
  ...["KSV053", "KSV054"].map((check) => ({
    check,
    cases: ["test_getting_shell_on_pods"],
    why: "accepted: it is allowed in one namespace alone, as whoever looks after it needs",
  })),
  {
    check: "KSV047",
    cases: ["test_privilege_escalation_from_node_proxy_create", "test_privilege_escalation_from_node_proxy_get"],
    why: "accepted: a node is in no namespace, so that a Role allows nothing of it",
  },
  {
    check: "KSV041",
    cases: ["test_manage_verb_update", "test_manage_secret_verb_update", "test_manage_secret_verb_impersonate"],
    why: "accepted: ours is about who reads Secrets",
  },
  {
    check: "KSV104",
    cases: ["test_deployment_override_seccomp_profile_unconfined_allowed"],
    why: unconfined,
  },
  { check: "KSV030", cases: ["test_pod_context_runtime_default_is_overrided_allowed"], why: unconfined },
  { check: "KSV104", cases: ["test_pod_annotations_seccomp_profile_unconfined_allowed"], why: annotated },
  { check: "KSV030", cases: ["test_annotation_allowed"], why: annotated },
  {
    check: "KSV022",
    cases: ["test_capabilities_add_denied"],
    why: "accepted: NET_BIND_SERVICE is the one capability that the level restricted lets a container add",
  },
  {
    check: "KSV106",
    cases: ["test_drop_all_add_net_bind_service_allowed"],
    why: 'refused: the Pod Security Standards want "ALL", in capitals',
  },
  {
    check: "KSV121",
    cases: ["test_pod_with_allowed_volumes"],
    why: "refused: baseline allows no folder of the node",
  },
  {
    check: "KSV013",
    cases: [
      "test_tagged_image_with_digest_allowed",
      "test_image_uses_latest_tag_with_digest_allowed",
      "test_image_with_no_tag_with_digest_allowed",
    ],
    why: "refused: the digest has letters that no sum has, so that no runtime takes the image",
  },
];
