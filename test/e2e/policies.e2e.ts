/** The rules' own exams: what Kubernetes' code and others' say of the same objects. Each prints its figures. */
import "./policies/admission.ts";
import "./policies/exams.ts";
import "./policies/network-policy.ts";
import "./policies/pod-security.ts";
import "./policies/qos.ts";
import "./policies/removed-versions.ts";
