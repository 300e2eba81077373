package main

import (
	"context"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const ownID = "5d2f3c1e-0000-4000-8000-0000000000a1"

// apiOf is an API server of a few answers; those that are asked for are noted.
func apiOf(t *testing.T, answers map[string]string, status map[string][]int) (export, *[]string) {
	t.Helper()
	asked := &[]string{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		*asked = append(*asked, path)
		if at := r.URL.Query().Get("continue"); at != "" {
			path += "#" + at
		} else if r.URL.Query().Get("resourceVersionMatch") == "Exact" && r.URL.Query().Get("resourceVersion") != "70" {
			t.Errorf("%s is read at another revision", r.URL)
		}
		if left := status[path]; len(left) > 0 {
			status[path] = left[1:]
			if left[0] != http.StatusOK {
				w.WriteHeader(left[0])
				return
			}
		}
		if answers[path] == "" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprint(w, answers[path])
	}))
	t.Cleanup(server.Close)
	folder := t.TempDir()
	ca, token := filepath.Join(folder, "ca"), filepath.Join(folder, "token")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for file, data := range map[string][]byte{ca: block, token: []byte("secret")} {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := &apiServer{url: server.URL, ca: ca, token: token}
	if err := a.connect(); err != nil {
		t.Fatal(err)
	}
	return export{a}, asked
}

func answers() map[string]string {
	kind := func(plural, verbs string) string {
		return fmt.Sprintf(`{"resource":%q,"responseKind":{"kind":"K"},"scope":"Namespaced","verbs":[%s]}`, plural, verbs)
	}
	both := `"list","watch"`
	group := func(name string, resources ...string) string {
		return fmt.Sprintf(`{"metadata":{"name":%q},"versions":[{"version":"v1","resources":[%s]}]}`, name, strings.Join(resources, ","))
	}
	own := `{"metadata":{"name":"kube-system","uid":"` + ownID + `"}}`
	return map[string]string{
		"/version":           `{"gitVersion":"v1.36.3-eks-1"}`,
		"/api":               `{"items":[` + group("", kind("namespaces", both), kind("pods", both), kind("events", both), kind("bindings", `"create"`)) + `]}`,
		"/apis":              `{"items":[` + group("foreign.example", kind("things", both)) + `]}`,
		"/api/v1/namespaces": `{"metadata":{"resourceVersion":"70"},"items":[` + own + `]}`,
		"/api/v1/pods":       `{"metadata":{"continue":"more"},"items":[{"metadata":{"name":"a"}}]}`,
		"/api/v1/pods#more":  `{"metadata":{},"items":[{"metadata":{"name":"b<&>"}}]}`,
		"/apis/apiregistration.k8s.io/v1/apiservices": `{"items":[{"metadata":{"name":"v1.foreign.example"},"spec":{"service":{}}},{"metadata":{"name":"v1."},"spec":{}}]}`,
	}
}

func takeFrom(t *testing.T, e export) (gathered, error) {
	t.Helper()
	return e.take(context.Background(), wish{cluster: ownID}, t.TempDir(), &seconds{})
}

// Every page is read, in spite of an answer that fails, at one revision; what passes and what others keep is left out.
func TestExportTakesEveryPageAtOneRevision(t *testing.T) {
	e, asked := apiOf(t, answers(), map[string][]int{"/api/v1/pods#more": {500}})
	g, err := takeFrom(t, e)
	if err != nil {
		t.Fatal(err)
	}
	if g.TotalKeys != 3 || g.Revision != 70 || g.KubernetesVersion != "v1.36.3-eks-1" || !slices.Equal(g.LeftOut, []string{"/events", "foreign.example/things"}) {
		t.Errorf("%+v", g.manifest)
	}
	if slices.Contains(*asked, "/api/v1/events") || slices.Contains(*asked, "/apis/foreign.example/v1/things") {
		t.Errorf("asked: %v", *asked)
	}
	var names []string
	if err := readObjects(g.file, func(line objectLine) error {
		if line.Object != nil {
			names = append(names, string(line.Object))
		}
		return nil
	}); err != nil || !slices.Contains(names, `{"metadata":{"name":"b<&>"}}`) {
		t.Errorf("%v, %v", names, err)
	}
}

func TestExportEndsWhereItIsRefused(t *testing.T) {
	for code, want := range map[int]int{403: exitApiDenied, 401: exitApiDenied, 410: exitForgotten} {
		e, _ := apiOf(t, answers(), map[string][]int{"/api/v1/pods": {code}})
		if _, err := takeFrom(t, e); exitCode(err) != want {
			t.Errorf("%d leads to %d: %v", code, exitCode(err), err)
		}
	}
	e, _ := apiOf(t, answers(), nil)
	if _, err := e.take(context.Background(), wish{cluster: "another"}, t.TempDir(), &seconds{}); exitCode(err) != exitOtherCluster {
		t.Error(err)
	}
}

// A definition that goes while it is read is gone with its objects; on the second page it is a fault.
func TestExportOfWhatIsDeletedMeanwhile(t *testing.T) {
	e, _ := apiOf(t, answers(), map[string][]int{"/api/v1/pods": {404}})
	if g, err := takeFrom(t, e); err != nil || g.TotalKeys != 1 {
		t.Error(g.TotalKeys, err)
	}
	e, _ = apiOf(t, answers(), map[string][]int{"/api/v1/pods#more": {404}})
	if _, err := takeFrom(t, e); exitCode(err) != exitNotFound {
		t.Error(err)
	}
}

// An object fewer or more than the manifest says, another cluster, and other bytes are refused.
func TestVerifyObjects(t *testing.T) {
	e, _ := apiOf(t, answers(), nil)
	g, err := takeFrom(t, e)
	if err != nil {
		t.Fatal(err)
	}
	verify := func(change func(*manifest)) int {
		m := g.manifest
		change(&m)
		d := m.digest()
		data, err := os.ReadFile(g.file)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = d.Write(data)
		return exitCode(m.verify(g.file, d))
	}
	for name, one := range map[string]struct {
		want   int
		change func(*manifest)
	}{
		"an object dropped": {exitWrongDatabase, func(m *manifest) { m.TotalKeys++ }},
		"another hash":      {exitWrongDatabase, func(m *manifest) { m.SHA256 = "00" }},
		"another size":      {exitWrongDatabase, func(m *manifest) { m.DBSize++ }},
		"another cluster":   {exitOtherCluster, func(m *manifest) { m.ClusterID = "another" }},
	} {
		if got := verify(one.change); got != one.want {
			t.Errorf("%s leads to %d", name, got)
		}
	}
}

func TestNewestFirstWhateverOf(t *testing.T) {
	names := []string{"objects-20260101T000000Z-0000000000000001", "etcd-20260102T000000Z-0000000000000001", "objects-20260103T000000Z-0000000000000001"}
	if got := newestFirst(slices.Clone(names)); !slices.Equal(got, []string{names[2], names[1], names[0]}) {
		t.Error(got)
	}
	if found := stockOf([]string{names[0] + bundleSuffix, names[0] + manifestSuffix}); len(found.whole) != 1 {
		t.Error(found)
	}
	if got := reasonOf("object-backup-29381475"); got != "schedule" {
		t.Error(got)
	}
}
