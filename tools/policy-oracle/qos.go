package main

import (
	"encoding/json"

	v1 "k8s.io/api/core/v1"
	corev1 "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/v1/helper/qos"
)

// classes has the class of a pod as it is written, and as the API server keeps it.
type classes struct {
	Written v1.PodQOSClass `json:"written"`
	Kept    v1.PodQOSClass `json:"kept"`
}

func qosOf(line []byte) any {
	var pod v1.Pod
	if err := json.Unmarshal(line, &pod); err != nil {
		return failure{err.Error()}
	}
	written := qos.ComputePodQOS(&pod)
	corev1.SetObjectDefaults_Pod(&pod)
	return classes{Written: written, Kept: qos.ComputePodQOS(&pod)}
}
