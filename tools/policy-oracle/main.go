// policy-oracle answers what Kubernetes itself says of objects, for the tests of policies/: a second opinion.
//
// Each line of the input is a pod in JSON, and each line of the output its answer, in the same order.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	v1 "k8s.io/api/core/v1"
	corev1 "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/v1/helper/qos"
)

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
	var pod v1.Pod
	if err := json.Unmarshal(line, &pod); err != nil {
		return answer{Error: err.Error()}
	}
	written := qos.ComputePodQOS(&pod)
	corev1.SetObjectDefaults_Pod(&pod)
	return answer{Written: written, Kept: qos.ComputePodQOS(&pod)}
}
