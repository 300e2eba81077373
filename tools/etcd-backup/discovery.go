package main

import (
	"context"
	"slices"
	"strings"
)

// resource is a kind of objects that the API server keeps, as backup/inventory.ts has it.
type resource struct {
	ID         string `json:"id"`   // group and plural, as apps/deployments; /pods in the group without a name
	Path       string `json:"path"` // of its group and preferred version, as /apis/apps/v1
	Plural     string `json:"plural"`
	Kind       string `json:"kind"`
	Namespaced bool   `json:"namespaced"`
}

// passing is what nobody wants back: it tells of what was, or is made anew from the rest.
var passing = map[string]bool{
	"/events":                         true, // of the last hour
	"events.k8s.io/events":            true, // the same under another name
	"coordination.k8s.io/leases":      true, // who leads at this moment
	"/endpoints":                      true, // the addresses of pods
	"discovery.k8s.io/endpointslices": true,
}

// discoveryV2 asks for all groups in one answer.
const discoveryV2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"

type discovered struct {
	Items []struct {
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
		Versions []struct {
			Version   string `json:"version"`
			Resources []struct {
				Resource     string `json:"resource"`
				ResponseKind struct {
					Kind string `json:"kind"`
				} `json:"responseKind"`
				Scope string   `json:"scope"`
				Verbs []string `json:"verbs"`
			} `json:"resources"`
		} `json:"versions"`
	} `json:"items"`
}

// discover tells what the API server keeps, and the ids of what it serves and is left out.
func (a *apiServer) discover(ctx context.Context) (kept []resource, leftOut []string, err error) {
	foreign, err := a.foreign(ctx)
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	for _, root := range []string{"/api", "/apis"} {
		var all discovered
		if err := a.get(ctx, root, discoveryV2, &all); err != nil {
			return nil, nil, err
		}
		for _, group := range all.Items {
			for _, version := range group.Versions {
				for _, one := range version.Resources {
					id := group.Metadata.Name + "/" + one.Resource
					// What cannot be watched is computed, and not kept.
					if seen[id] || !slices.Contains(one.Verbs, "list") || !slices.Contains(one.Verbs, "watch") {
						continue
					}
					seen[id] = true // the preferred version comes first
					if passing[id] || foreign[version.Version+"."+group.Metadata.Name] {
						leftOut = append(leftOut, id)
						continue
					}
					path := strings.Join(slices.DeleteFunc([]string{root, group.Metadata.Name, version.Version}, func(part string) bool { return part == "" }), "/")
					kept = append(kept, resource{id, path, one.Resource, one.ResponseKind.Kind, one.Scope == "Namespaced"})
				}
			}
		}
	}
	if len(kept) == 0 {
		return nil, nil, failf(exitFailed, "the API server at %s does not say what it keeps: it has to be of Kubernetes 1.30 or later", a.url)
	}
	slices.Sort(leftOut)
	slices.SortFunc(kept, func(x, y resource) int { return strings.Compare(x.ID, y.ID) })
	return kept, leftOut, nil
}

// foreign are the versions of groups that another server keeps, with revisions of its own, as `version.group`.
func (a *apiServer) foreign(ctx context.Context) (map[string]bool, error) {
	var services struct {
		Items []struct {
			Metadata struct {
				Name string `json:"name"`
			} `json:"metadata"`
			Spec struct {
				Service *struct{} `json:"service"`
			} `json:"spec"`
		} `json:"items"`
	}
	if err := a.get(ctx, "/apis/apiregistration.k8s.io/v1/apiservices", "application/json", &services); err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, one := range services.Items {
		if one.Spec.Service != nil {
			found[one.Metadata.Name] = true
		}
	}
	return found, nil
}
