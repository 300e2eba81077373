// cyclonus answers whom NetworkPolicies let through, as github.com/mattfenwick/cyclonus reads them: a second opinion.
//
// Each line of the input is a question in JSON, and each line of the output its answer, in the same order. With the
// argument "scenarios" it reads nothing, and prints the cases that cyclonus itself generates.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// question is one set of objects. It asks about calls from each end to each, the port changing fastest, then the called.
type question struct {
	// Namespaces has the labels by name, all of them.
	Namespaces map[string]map[string]string  `json:"namespaces"`
	Policies   []*networkingv1.NetworkPolicy `json:"policies"`
	Ends       []end                         `json:"ends"`
	Ports      []port                        `json:"ports"`
}

type end struct {
	Address string `json:"address"`
	// Pod is absent for what is no pod.
	Pod *inCluster `json:"pod"`
}

type inCluster struct {
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
	// Ports are those that it names.
	Ports []port `json:"ports"`
}

type port struct {
	Name     string          `json:"name"`
	Port     int             `json:"port"`
	Protocol corev1.Protocol `json:"protocol"`
}

// answer has a 1 for each call that the caller's side lets out and that the called side lets in, and a 0 for the others.
type answer struct {
	Out string `json:"out"`
	In  string `json:"in"`
}

func main() {
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func start() error {
	switch {
	case len(os.Args) == 1:
		return run(os.Stdin, os.Stdout)
	case len(os.Args) == 2 && os.Args[1] == "scenarios":
		return printScenarios(os.Stdout)
	default:
		return fmt.Errorf("usage: cyclonus [scenarios]")
	}
}

func run(in io.Reader, out io.Writer) error {
	questions := json.NewDecoder(bufio.NewReader(in))
	answers := json.NewEncoder(out)
	for {
		var asked question
		if err := questions.Decode(&asked); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading a question: %w", err)
		}
		if err := answers.Encode(answered(asked)); err != nil {
			return fmt.Errorf("writing an answer: %w", err)
		}
	}
}

func answered(asked question) answer {
	policy := matcher.BuildNetworkPolicies(false, asked.Policies)
	var out, in []byte
	for _, from := range asked.Ends {
		for _, to := range asked.Ends {
			for _, called := range asked.Ports {
				traffic := &matcher.Traffic{
					Source:           peer(from, asked.Namespaces),
					Destination:      peer(to, asked.Namespaces),
					ResolvedPort:     called.Port,
					ResolvedPortName: nameOf(called, to),
					Protocol:         called.Protocol,
				}
				out = append(out, digit(policy.IsIngressOrEgressAllowed(traffic, false).IsAllowed()))
				in = append(in, digit(policy.IsIngressOrEgressAllowed(traffic, true).IsAllowed()))
			}
		}
	}
	return answer{Out: string(out), In: string(in)}
}

// nameOf is what the called pod calls a port, if anything.
func nameOf(called port, to end) string {
	if to.Pod != nil {
		for _, own := range to.Pod.Ports {
			if own.Port == called.Port && own.Protocol == called.Protocol {
				return own.Name
			}
		}
	}
	return ""
}

func peer(of end, namespaces map[string]map[string]string) *matcher.TrafficPeer {
	if of.Pod == nil {
		return &matcher.TrafficPeer{IP: of.Address}
	}
	return &matcher.TrafficPeer{IP: of.Address, Internal: &matcher.InternalPeer{
		PodLabels:       of.Pod.Labels,
		NamespaceLabels: namespaces[of.Pod.Namespace],
		Namespace:       of.Pod.Namespace,
	}}
}

func digit(yes bool) byte {
	if yes {
		return '1'
	}
	return '0'
}
