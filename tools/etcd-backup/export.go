package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// export takes the objects of a cluster from its API: where etcd is somebody else's.
type export struct{ *apiServer }

func runExport(ctx context.Context, flags *flag.FlagSet, args []string) (fmt.Stringer, error) {
	w := wish{fleeting: true}
	from := export{apiFlags(flags)}
	w.origin = from
	directory := flags.String("directory", os.TempDir(), "folder to work in; the objects lie there in clear for a moment, so best in memory")
	w.commonFlags(flags)
	if err := parse(flags, args, "cluster-id", "recipient", "s3-endpoint", "s3-bucket"); err != nil {
		return nil, err
	}
	if err := w.check(); err != nil {
		return nil, err
	}
	if err := from.connect(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(*directory, 0o700); err != nil {
		return nil, err
	}
	var err error
	if w.home, err = os.MkdirTemp(*directory, "export-"); err != nil {
		return nil, err
	}
	defer os.RemoveAll(w.home)
	return w.run(ctx)
}

// page is how many objects are asked for at once: of the largest, 1.5 MiB each, a page fits into the pod's memory.
const page = 100

// listPage is one page of any list of the API.
type listPage struct {
	Metadata struct {
		ResourceVersion string `json:"resourceVersion"`
		Continue        string `json:"continue"`
	} `json:"metadata"`
	Items []json.RawMessage `json:"items"`
}

// take reads everything as it was at one revision, so that the objects fit together as those of a snapshot do.
func (e export) take(ctx context.Context, w wish, work string, took *seconds) (gathered, error) {
	start := time.Now()
	g := gathered{file: filepath.Join(work, objectsEntry)}
	g.manifest = manifest{Format: formatObjects, ClusterID: w.cluster, TakenAt: start.UTC().Truncate(time.Second)}
	var err error
	if g.KubernetesVersion, err = e.release(ctx); err != nil {
		return g, err
	}
	if g.Revision, err = e.revision(ctx, w.cluster); err != nil {
		return g, err
	}
	kept, leftOut, err := e.discover(ctx)
	if err != nil {
		return g, err
	}
	g.LeftOut = leftOut
	hashed, err := writeObjects(g.file, func(add func(objectLine) error) error {
		for _, one := range kept {
			count, err := e.list(ctx, one, g.Revision, add)
			if err != nil {
				return err
			}
			g.TotalKeys += count
		}
		return nil
	})
	if err != nil {
		return g, err
	}
	took.Snapshot = lap(&start)
	g.DBSize = hashed.length()
	if g.SHA256, err = hashed.sum(); err != nil {
		return g, err
	}
	err = verifyObjects(g.file, hashed, g.manifest)
	took.Verify = lap(&start)
	return g, err
}

func (e export) release(ctx context.Context) (string, error) {
	var says struct {
		GitVersion string `json:"gitVersion"`
	}
	err := e.get(ctx, "/version", "application/json", &says)
	return says.GitVersion, err
}

// revision is etcd's at this moment, once the server is known to be the cluster's.
func (e export) revision(ctx context.Context, cluster string) (int64, error) {
	var found listPage
	if err := e.get(ctx, "/api/v1/namespaces?fieldSelector=metadata.name%3D"+clusterNamespace, "application/json", &found); err != nil {
		return 0, err
	}
	var own struct {
		Metadata struct{ UID string } `json:"metadata"`
	}
	if len(found.Items) == 1 {
		if err := json.Unmarshal(found.Items[0], &own); err != nil {
			return 0, err
		}
	}
	if own.Metadata.UID != cluster {
		return 0, failf(exitOtherCluster, "the API server at %s is not of cluster %s: its namespace kube-system has the uid %q", e.url, cluster, own.Metadata.UID)
	}
	return strconv.ParseInt(found.Metadata.ResourceVersion, 10, 64)
}

// list hands over a resource and all of its objects at a revision.
func (e export) list(ctx context.Context, of resource, revision int64, add func(objectLine) error) (count int, err error) {
	if err := add(objectLine{Resource: &of}); err != nil {
		return 0, err
	}
	query := url.Values{"limit": {strconv.Itoa(page)}}
	query.Set("resourceVersion", strconv.FormatInt(revision, 10))
	query.Set("resourceVersionMatch", "Exact")
	for {
		var found listPage
		err := e.get(ctx, of.Path+"/"+of.Plural+"?"+query.Encode(), "application/json", &found)
		if count == 0 && exitCode(err) == exitNotFound {
			return 0, nil // its definition has been deleted since it was discovered, and all of its objects with it
		} else if err != nil {
			return count, err
		}
		for _, object := range found.Items {
			if err := add(objectLine{Object: object}); err != nil {
				return count, err
			}
		}
		count += len(found.Items)
		if found.Metadata.Continue == "" {
			return count, nil
		}
		query = url.Values{"limit": {strconv.Itoa(page)}, "continue": {found.Metadata.Continue}} // which has the revision in it
	}
}
