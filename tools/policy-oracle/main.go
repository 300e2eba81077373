// policy-oracle answers what Kubernetes itself says of objects, for the tests of policies/: a second opinion.
//
// Each line of the input is a question in JSON, and each line of the output its answer, in the same order.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	v1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1 "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/v1/helper/qos"
	"k8s.io/kubernetes/plugin/pkg/admission/limitranger"
)

// question is a pod as somebody writes it, and what its namespace's LimitRange adds, if there is one.
type question struct {
	Pod        v1.Pod         `json:"pod"`
	LimitRange *v1.LimitRange `json:"limitRange"`
}

// answer has the class of the pod as it is written, and as the API server keeps it.
type answer struct {
	Written v1.PodQOSClass `json:"written,omitempty"`
	Kept    v1.PodQOSClass `json:"kept,omitempty"`
	// Error is there when the API server could not read the pod.
	Error string `json:"error,omitempty"`
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	buffered := bufio.NewWriter(out)
	questions, answers := bufio.NewReader(in), json.NewEncoder(buffered)
	for {
		line, err := questions.ReadBytes('\n')
		if err == io.EOF {
			return buffered.Flush()
		} else if err != nil {
			return fmt.Errorf("reading a question: %w", err)
		}
		if err := answers.Encode(answered(line)); err != nil {
			return fmt.Errorf("writing an answer: %w", err)
		}
		if questions.Buffered() == 0 {
			if err := buffered.Flush(); err != nil {
				return fmt.Errorf("writing an answer: %w", err)
			}
		}
	}
}

func answered(line []byte) answer {
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Error: err.Error()}
	}
	written := qos.ComputePodQOS(&asked.Pod)
	kept, err := admitted(&asked.Pod, asked.LimitRange)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Written: written, Kept: qos.ComputePodQOS(kept)}
}

// admitted is the pod with the API server's defaults, and then with those of the LimitRange.
func admitted(pod *v1.Pod, limitRange *v1.LimitRange) (*v1.Pod, error) {
	corev1.SetObjectDefaults_Pod(pod)
	if limitRange == nil {
		return pod, nil
	}
	corev1.SetObjectDefaults_LimitRange(limitRange)
	var internal core.Pod
	if err := corev1.Convert_v1_Pod_To_core_Pod(pod, &internal, nil); err != nil {
		return nil, err
	}
	if err := limitranger.PodMutateLimitFunc(limitRange, &internal); err != nil {
		return nil, err
	}
	var kept v1.Pod
	if err := corev1.Convert_core_Pod_To_v1_Pod(&internal, &kept, nil); err != nil {
		return nil, err
	}
	return &kept, nil
}
