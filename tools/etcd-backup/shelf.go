package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// shelf is where the snapshots of one cluster are kept: a folder, or a prefix in a bucket.
type shelf interface {
	// names of all files on it, in any order.
	names(ctx context.Context) ([]string, error)
	// read gives a small file, with exitNotFound where there is none.
	read(ctx context.Context, name string) ([]byte, error)
	remove(ctx context.Context, name string) error
	String() string
}

// folder is the shelf on this machine.
type folder struct{ path string }

func (f folder) String() string { return f.path }

func (f folder) names(context.Context) ([]string, error) {
	entries, err := os.ReadDir(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, nil
}

func (f folder) read(_ context.Context, name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(f.path, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, failf(exitNotFound, "there is no %s in %s", name, f.path)
	}
	return data, err
}

func (f folder) remove(_ context.Context, name string) error {
	if err := os.Remove(filepath.Join(f.path, name)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// stock is what a shelf holds: the snapshots that are whole, newest first, and what is left of others.
type stock struct {
	whole []string
	torn  []string
}

func stockOf(names []string) stock {
	present := map[string]bool{}
	var stems []string
	for _, name := range names {
		if own, ok := stemOf(name); ok {
			present[name] = true
			stems = append(stems, own)
		}
	}
	var s stock
	for _, own := range slices.Compact(newestFirst(stems)) {
		if present[own+bundleSuffix] && present[own+manifestSuffix] {
			s.whole = append(s.whole, own)
		} else {
			s.torn = append(s.torn, own)
		}
	}
	return s
}

func take(ctx context.Context, s shelf) (stock, error) {
	names, err := s.names(ctx)
	return stockOf(names), err
}

// discard takes the manifest away first: a bundle without one is not listed any more.
func discard(ctx context.Context, s shelf, stem string) error {
	for _, suffix := range []string{manifestSuffix, bundleSuffix} {
		if err := s.remove(ctx, stem+suffix); err != nil {
			return err
		}
	}
	return nil
}

type listed struct {
	Name string `json:"name"`
	manifest
}

type listing []listed

func (l listing) String() string {
	lines := make([]string, 0, len(l))
	for _, entry := range l {
		lines = append(lines, entry.line())
	}
	return strings.Join(lines, "\n")
}

func runList(ctx context.Context, flags *flag.FlagSet, args []string) (fmt.Stringer, error) {
	directory := flags.String("directory", "", "folder of snapshots; without it those in S3 are listed")
	cluster := flags.String("cluster-id", "", "whose snapshots: the uid of the cluster's namespace kube-system")
	remote := s3Flags(flags)
	if err := parse(flags, args, "cluster-id"); err != nil {
		return nil, err
	}
	var from shelf = folder{filepath.Join(*directory, *cluster)}
	if *directory == "" {
		bucket, err := remote.open(*cluster)
		if err != nil {
			return nil, err
		}
		from = bucket
	}
	found, err := take(ctx, from)
	if err != nil {
		return nil, err
	}
	all := listing{}
	for _, own := range found.whole {
		data, err := from.read(ctx, own+manifestSuffix)
		if err != nil {
			return nil, err
		}
		m, err := parseManifest(data)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", own+manifestSuffix, from, err)
		}
		all = append(all, listed{own + bundleSuffix, m})
	}
	return all, nil
}
