package main

import (
	"encoding/json"

	v1 "k8s.io/api/core/v1"
	corev1 "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// security has what a pod may be, and by their names the checks that it fails, each in its newest version.
type security struct {
	Baseline   bool     `json:"baseline"`
	Restricted bool     `json:"restricted"`
	Failed     []string `json:"failed"`
}

var evaluator = func() policy.Evaluator {
	made, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		panic(err) // its own checks contradict each other
	}
	return made
}()

func securityOf(line []byte) any {
	var pod v1.Pod
	if err := json.Unmarshal(line, &pod); err != nil {
		return failure{err.Error()}
	}
	// What admission is shown has the API server's defaults.
	kept := pod.DeepCopy()
	corev1.SetObjectDefaults_Pod(kept)
	keeps := func(level api.Level) bool {
		newest := api.LevelVersion{Level: level, Version: api.LatestVersion()}
		return policy.AggregateCheckResults(evaluator.EvaluatePod(newest, &kept.ObjectMeta, &kept.Spec)).Allowed
	}
	answer := security{Baseline: keeps(api.LevelBaseline), Restricted: keeps(api.LevelRestricted), Failed: []string{}}
	// Without the one that makes the ports of a pod in its node's network its node's: the network is what it fails for.
	for index := range pod.Spec.Volumes {
		corev1.SetDefaults_Volume(&pod.Spec.Volumes[index])
	}
	for _, check := range policy.DefaultChecks() {
		newest := check.Versions[len(check.Versions)-1]
		if !newest.CheckPod(&pod.ObjectMeta, &pod.Spec).Allowed {
			answer.Failed = append(answer.Failed, string(check.ID))
		}
	}
	return answer
}
