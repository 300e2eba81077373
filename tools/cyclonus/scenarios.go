package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/mattfenwick/cyclonus/pkg/connectivity/probe"
	"github.com/mattfenwick/cyclonus/pkg/generator"
	"github.com/mattfenwick/cyclonus/pkg/matcher"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// scenario is what there is after one step of a case that cyclonus generates, with what cyclonus says of each call.
type scenario struct {
	Case        int                           `json:"case"`
	Description string                        `json:"description"`
	Namespaces  map[string]map[string]string  `json:"namespaces"`
	Policies    []*networkingv1.NetworkPolicy `json:"policies"`
	Ends        []end                         `json:"ends"`
	Calls       []call                        `json:"calls"`
}

// call is between two ends, by their places in the list.
type call struct {
	From     int             `json:"from"`
	To       int             `json:"to"`
	Port     int             `json:"port"`
	Protocol corev1.Protocol `json:"protocol"`
	Out      bool            `json:"out"`
	In       bool            `json:"in"`
}

// printScenarios writes a line for each step of each case. The namespaces, pods and ports are the defaults of
// `cyclonus generate`, and no case is left out.
func printScenarios(out io.Writer) error {
	lines := json.NewEncoder(out)
	start := defaultResources()
	called, err := start.GetPod("z", "c")
	if err != nil {
		return err
	}
	cases := generator.NewTestCaseGenerator(true, called.IP, []string{"x", "y", "z"}, nil, nil).GenerateTestCases()
	for number, one := range cases {
		resources, policies := start, []*networkingv1.NetworkPolicy(nil)
		for _, step := range one.Steps {
			for _, action := range step.Actions {
				if resources, policies, err = after(action, resources, policies); err != nil {
					return fmt.Errorf("case %d, %s: %w", number+1, one.Description, err)
				}
			}
			if err := lines.Encode(judged(number+1, one.Description, step.Probe, resources, policies)); err != nil {
				return fmt.Errorf("writing a scenario: %w", err)
			}
		}
	}
	return nil
}

func defaultResources() *probe.Resources {
	resources := &probe.Resources{Namespaces: map[string]map[string]string{}}
	protocols := []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}
	for _, namespace := range []string{"x", "y", "z"} {
		resources.Namespaces[namespace] = labelled(namespace, map[string]string{"ns": namespace})
		for _, name := range []string{"a", "b", "c"} {
			pod := probe.NewDefaultPod(namespace, name, []int{80, 81}, protocols, false, "registry.k8s.io")
			pod.IP = address(len(resources.Pods))
			resources.Pods = append(resources.Pods, pod)
		}
	}
	return resources
}

// labelled adds the label that the API server puts on every namespace.
func labelled(namespace string, labels map[string]string) map[string]string {
	all := map[string]string{corev1.LabelMetadataName: namespace}
	for key, value := range labels {
		all[key] = value
	}
	return all
}

func address(number int) string { return fmt.Sprintf("192.168.242.%d", number+1) }

// after does to objects in memory what cyclonus would have a cluster do.
func after(action *generator.Action, resources *probe.Resources, policies []*networkingv1.NetworkPolicy) (*probe.Resources, []*networkingv1.NetworkPolicy, error) {
	without := func(namespace, name string) (kept []*networkingv1.NetworkPolicy) {
		for _, policy := range policies {
			if policy.Namespace != namespace || policy.Name != name {
				kept = append(kept, policy)
			}
		}
		return kept
	}
	var err error
	switch {
	case action.CreatePolicy != nil:
		policies = append(without("", ""), action.CreatePolicy.Policy)
	case action.UpdatePolicy != nil:
		policy := action.UpdatePolicy.Policy
		policies = append(without(policy.Namespace, policy.Name), policy)
	case action.DeletePolicy != nil:
		policies = without(action.DeletePolicy.Namespace, action.DeletePolicy.Name)
	case action.CreateNamespace != nil:
		name := action.CreateNamespace.Namespace
		resources, err = resources.CreateNamespace(name, labelled(name, action.CreateNamespace.Labels))
	case action.SetNamespaceLabels != nil:
		name := action.SetNamespaceLabels.Namespace
		resources, err = resources.UpdateNamespaceLabels(name, labelled(name, action.SetNamespaceLabels.Labels))
	case action.DeleteNamespace != nil:
		resources, err = resources.DeleteNamespace(action.DeleteNamespace.Namespace)
	case action.CreatePod != nil:
		made := action.CreatePod
		if resources, err = resources.CreatePod(made.Namespace, made.Pod, made.Labels); err == nil {
			resources.Pods[len(resources.Pods)-1].IP = address(len(resources.Pods) - 1)
		}
	case action.SetPodLabels != nil:
		set := action.SetPodLabels
		resources, err = resources.SetPodLabels(set.Namespace, set.Pod, set.Labels)
	case action.DeletePod != nil:
		resources, err = resources.DeletePod(action.DeletePod.Namespace, action.DeletePod.Pod)
	case action.ReadNetworkPolicies != nil: // they are those that we have
	default:
		err = fmt.Errorf("an action of no known kind: %+v", action)
	}
	return resources, policies, err
}

func judged(number int, description string, config *generator.ProbeConfig, resources *probe.Resources, policies []*networkingv1.NetworkPolicy) scenario {
	ends, places := []end{}, map[string]int{}
	for place, pod := range resources.Pods {
		places[pod.PodString().String()] = place
		ends = append(ends, endOf(pod))
	}
	policy := matcher.BuildNetworkPolicies(false, policies)
	calls := []call{}
	for _, job := range (&probe.JobBuilder{}).GetJobsForProbeConfig(resources, config).Valid {
		allowed := policy.IsTrafficAllowed(job.Traffic())
		calls = append(calls, call{
			From: places[job.FromKey], To: places[job.ToKey], Port: job.ResolvedPort, Protocol: job.Protocol,
			Out: allowed.Egress.IsAllowed(), In: allowed.Ingress.IsAllowed(),
		})
	}
	return scenario{number, description, resources.Namespaces, policies, ends, calls}
}

func endOf(pod *probe.Pod) end {
	ports := []port{}
	for _, container := range pod.Containers {
		ports = append(ports, port{Name: container.PortName, Port: container.Port, Protocol: container.Protocol})
	}
	return end{Address: pod.IP, Pod: &inCluster{Namespace: pod.Namespace, Labels: pod.Labels, Ports: ports}}
}
