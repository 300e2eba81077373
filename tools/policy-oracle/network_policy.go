package main

import (
	v1 "k8s.io/api/networking/v1"
	"k8s.io/kubernetes/pkg/apis/networking"
	networkingv1 "k8s.io/kubernetes/pkg/apis/networking/v1"
	"k8s.io/kubernetes/pkg/apis/networking/validation"
	"sigs.k8s.io/json"
)

// validity says whether the API server takes a new policy, and what it has against it.
type validity struct {
	Valid    bool     `json:"valid"`
	Problems []string `json:"problems"`
}

func validityOf(line []byte) any {
	var policy v1.NetworkPolicy
	// What the API server reads bodies with: it tells the case of keys apart.
	if err := json.UnmarshalCaseSensitivePreserveInts(line, &policy); err != nil {
		return validity{Problems: []string{err.Error()}}
	}
	networkingv1.SetObjectDefaults_NetworkPolicy(&policy)
	var internal networking.NetworkPolicy
	if err := networkingv1.Convert_v1_NetworkPolicy_To_networking_NetworkPolicy(&policy, &internal, nil); err != nil {
		return validity{Problems: []string{err.Error()}}
	}
	options := validation.ValidationOptionsForNetworking(&internal, nil)
	problems := []string{}
	for _, problem := range validation.ValidateNetworkPolicy(&internal, options) {
		problems = append(problems, problem.Error())
	}
	return validity{Valid: len(problems) == 0, Problems: problems}
}
