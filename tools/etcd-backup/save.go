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
	"time"

	"filippo.io/age"
)

// wish is what a run of save was told.
type wish struct {
	origin
	cluster, reason string
	home, metrics   string
	fleeting        bool // home goes with this run, so that S3 alone keeps anything
	recipients      list
	keys            []age.Recipient
	remote          s3Settings
	uploadWithin    time.Duration
	keep            retention
}

// origin is where a content comes from.
type origin interface {
	// take leaves the content in clear in the folder, once it has been read again.
	take(ctx context.Context, w wish, work string, took *seconds) (gathered, error)
}

// gathered is a content in clear, with what is told of it.
type gathered struct {
	manifest
	file   string
	pki    secrets
	copied bool // from the disk of etcd's member
}

// database takes the snapshot of a member of etcd.
type database struct {
	member
	node, kubernetes string
	pki              list
}

type saved struct {
	Name string `json:"name"`
	manifest
	BundleSize int64    `json:"bundleSize"`
	Bundle     string   `json:"bundle"`
	Copied     bool     `json:"copied"` // from the disk of etcd's member
	Seconds    seconds  `json:"seconds"`
	Uploaded   bool     `json:"uploaded"`
	Removed    []string `json:"removed"`
}

// seconds are how long each step took.
type seconds struct {
	Snapshot float64 `json:"snapshot"`
	Verify   float64 `json:"verify"`
	Encrypt  float64 `json:"encrypt"`
	Upload   float64 `json:"upload"`
}

func (s saved) String() string {
	var where []string
	if s.Bundle != "" {
		where = append(where, "in "+s.Bundle)
	}
	if s.Uploaded {
		where = append(where, "in S3")
	}
	return s.line() + "\nkept " + strings.Join(where, " and ")
}

func runSave(ctx context.Context, flags *flag.FlagSet, args []string) (fmt.Stringer, error) {
	w, from := wish{}, &database{}
	w.origin = from
	flags.StringVar(&from.endpoint, "endpoint", "", "URL of the etcd member to take the snapshot from")
	flags.StringVar(&from.ca, "cacert", "", "certificate of etcd's authority")
	flags.StringVar(&from.certificate, "cert", "", "certificate that etcd knows us by")
	flags.StringVar(&from.key, "key", "", "its key")
	flags.StringVar(&from.node, "member", "", "name of the node that the member is on")
	flags.StringVar(&from.kubernetes, "kubernetes-version", "", "release of the cluster, as v1.36.3")
	flags.StringVar(&from.data, "data-dir", "", "folder of its data, where that is at hand: the database is copied from there while etcd holds it still")
	flags.Var(&from.pki, "pki", "folder that a restore needs, as /etc/kubernetes/pki, or path:name; may be given again")
	directory := flags.String("directory", "", "folder to keep snapshots in, each cluster's in one of its own")
	flags.StringVar(&w.metrics, "metrics", "", "file to write metrics to, in Prometheus' text format")
	w.commonFlags(flags)
	required := []string{"endpoint", "cluster-id", "member", "kubernetes-version", "recipient", "directory"}
	if err := parse(flags, args, required...); err != nil {
		return nil, err
	}
	if err := w.check(); err != nil {
		return nil, err
	}
	w.home = filepath.Join(*directory, w.cluster)
	return w.run(ctx)
}

// commonFlags are those of whatever is saved.
func (w *wish) commonFlags(flags *flag.FlagSet) {
	flags.StringVar(&w.cluster, "cluster-id", "", "the cluster: the uid of its namespace kube-system")
	flags.StringVar(&w.reason, "reason", "by-hand", "why: "+strings.Join(reasons, ", ")+"; or the name of a Job that begins with one")
	flags.Var(&w.recipients, "recipient", "public key of age that may open it; may be given again")
	flags.DurationVar(&w.uploadWithin, "upload-timeout", 3*time.Minute, "how long uploading is tried")
	flags.IntVar(&w.keep.last, "keep-last", 96, "how many snapshots stay, whatever their age")
	flags.DurationVar(&w.keep.within, "keep-within", 72*time.Hour, "how long every snapshot stays")
	w.remote = s3Flags(flags)
}

// check refuses flags that contradict themselves.
func (w *wish) check() (err error) {
	w.reason = reasonOf(w.reason)
	if w.keep.last < 1 || w.keep.within < 0 {
		return failf(exitFailed, "--keep-last must be at least 1, and --keep-within not below 0")
	}
	w.keys, err = parseRecipients(w.recipients)
	return err
}

// run takes a snapshot, and tells of it in the metrics however it ends.
func (w wish) run(ctx context.Context) (fmt.Stringer, error) {
	if err := os.MkdirAll(w.home, 0o700); err != nil {
		return nil, err
	}
	held, err := lock(w.home)
	if err != nil {
		return nil, err
	}
	defer held.Close()
	values := metrics{}
	if w.metrics != "" {
		values = readMetrics(w.metrics)
	}
	values["last_attempt_timestamp_seconds"] = float64(time.Now().Unix())
	result, err := w.save(ctx, values)
	values["last_exit_code"] = 0
	if err != nil {
		values["last_exit_code"] = float64(exitCode(err))
	}
	if w.metrics != "" {
		if failed := values.write(w.metrics); failed != nil {
			err = errors.Join(err, fmt.Errorf("the metrics cannot be written: %w", failed))
		}
	}
	if result == nil {
		return nil, err
	}
	return result, err
}

func (w wish) save(ctx context.Context, values metrics) (*saved, error) {
	if err := w.clear(); err != nil {
		return nil, err
	}
	result, err := w.keepHere(ctx)
	if err != nil {
		return nil, err
	}
	took := result.Seconds
	values["last_success_timestamp_seconds"] = float64(result.TakenAt.Unix())
	values["database_bytes"] = float64(result.DBSize)
	values["bundle_bytes"] = float64(result.BundleSize)
	values["revision"] = float64(result.Revision)
	values["keys"] = float64(result.TotalKeys)
	values["duration_seconds"] = took.Snapshot + took.Verify + took.Encrypt
	now := time.Now()
	here := folder{w.home}
	var uploading error
	delete(values, "upload_ok")
	if w.remote.given() {
		values["upload_ok"] = 0
		start := time.Now()
		removed, err := w.share(ctx, result, now)
		result.Seconds.Upload = time.Since(start).Seconds()
		result.Removed = append(result.Removed, removed...)
		if result.Uploaded {
			values["upload_ok"] = 1
			values["last_upload_timestamp_seconds"] = float64(result.TakenAt.Unix())
			values["upload_duration_seconds"] = result.Seconds.Upload
		}
		uploading = err
	}
	if w.fleeting {
		result.Bundle = ""
		if uploading != nil && !result.Uploaded {
			return nil, uploading
		}
		return result, uploading
	}
	removed, err := w.keep.prune(ctx, here, now)
	result.Removed = append(result.Removed, removed...)
	if left, failed := take(ctx, here); failed == nil {
		values["snapshots"] = float64(len(left.whole))
	}
	if err != nil {
		err = fmt.Errorf("the snapshot is taken, and an old one cannot be removed: %w", err)
	}
	return result, errors.Join(uploading, err)
}

// keepHere takes the snapshot and leaves it, encrypted, in the folder.
func (w wish) keepHere(ctx context.Context) (*saved, error) {
	work, err := os.MkdirTemp(w.home, workPrefix)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	result := &saved{Removed: []string{}}
	found, err := w.take(ctx, w, work, &result.Seconds)
	if err != nil {
		return nil, err
	}
	result.manifest = found.manifest
	result.Reason, result.Recipients, result.Copied = w.reason, w.recipients, found.copied
	if err := checkVersions(result.manifest); err != nil {
		return nil, err
	}
	start := time.Now()
	result.Name = result.name()
	result.Bundle = filepath.Join(w.home, result.Name)
	if err := w.encrypt(result, found.file, found.pki); err != nil {
		return nil, err
	}
	result.Seconds.Encrypt = lap(&start)
	return result, nil
}

// take copies or streams the database, and has etcd's own code read every page and key of it.
func (d *database) take(ctx context.Context, w wish, work string, took *seconds) (g gathered, err error) {
	if g.pki, err = readSecrets(d.pki); err != nil {
		return g, err
	}
	g.file = filepath.Join(work, databaseEntry)
	start := time.Now()
	t, err := d.snapshot(ctx, w.cluster, g.file, func(bytes int64) error {
		// In clear and encrypted at once, and some room for what grows meanwhile.
		return reserve(w.home, 2*bytes+g.pki.size+spare)
	})
	if err != nil {
		return g, err
	}
	took.Snapshot = lap(&start)
	g.copied = t.copied
	found, hashed, err := t.read(g.file)
	if err != nil {
		return g, err
	}
	took.Verify = lap(&start)
	sum, err := hashed.sum()
	if err != nil {
		return g, err
	}
	g.manifest = manifest{
		Format: formatDatabase, ClusterID: w.cluster, EtcdClusterID: t.cluster, Member: d.node, TakenAt: t.at,
		Revision: found.revision, TotalKeys: found.keys, DBSize: hashed.length(), SHA256: sum,
		EtcdVersion: t.version, KubernetesVersion: d.kubernetes,
	}
	return g, nil
}

// encrypt writes the bundle and, as the sign that it is whole, its manifest.
func (w wish) encrypt(result *saved, clear string, pki secrets) error {
	err := writeWhole(result.Bundle, 0o600, func(file *os.File) error {
		target := &flushed{File: file}
		if err := writeBundle(target, w.keys, result.manifest, clear, pki); err != nil {
			return err
		}
		result.BundleSize = target.written
		return nil
	})
	if err != nil {
		return err
	}
	data, err := result.encode()
	if err == nil {
		err = writeWhole(strings.TrimSuffix(result.Bundle, bundleSuffix)+manifestSuffix, 0o600, func(file *os.File) error {
			_, err := file.Write(data)
			return err
		})
	}
	if err != nil {
		return errors.Join(err, os.Remove(result.Bundle))
	}
	return nil
}

// share brings this snapshot to S3, then those that an earlier run could not bring, and removes there what is too old.
func (w wish) share(ctx context.Context, result *saved, now time.Time) ([]string, error) {
	limited, cancel := context.WithTimeout(ctx, w.uploadWithin)
	defer cancel()
	kept := func(err error) error {
		where := "is kept in " + w.home
		if w.fleeting {
			where = "is kept nowhere"
		}
		return &problem{exitNotUploaded, fmt.Sprintf("%s %s and could not be brought to S3", result.Name, where), err}
	}
	there, err := w.remote.open(w.cluster)
	if err != nil {
		return nil, kept(err)
	}
	send := func(own string) error {
		return retry(limited, func(ctx context.Context) error { return w.send(ctx, there, own) })
	}
	if err := send(strings.TrimSuffix(result.Name, bundleSuffix)); err != nil {
		return nil, kept(err)
	}
	result.Uploaded = true
	missing, err := w.missing(limited, there, now)
	for _, own := range missing {
		err = errors.Join(err, send(own))
	}
	if err != nil {
		return nil, &problem{exitNotUploaded, result.Name + " is in S3, and an earlier one could not be brought there", err}
	}
	removed, err := w.keep.prune(limited, there, now)
	if err != nil {
		return removed, &problem{exitNotUploaded, result.Name + " is in S3, and an old one there cannot be removed", err}
	}
	return removed, nil
}

func (w wish) send(ctx context.Context, there *bucket, own string) error {
	for _, suffix := range []string{bundleSuffix, manifestSuffix} {
		if err := there.upload(ctx, filepath.Join(w.home, own+suffix), own+suffix); err != nil {
			return err
		}
	}
	return nil
}

// missing are the snapshots of this folder that S3 lacks and would keep, newest first.
func (w wish) missing(ctx context.Context, there shelf, now time.Time) ([]string, error) {
	remote, err := take(ctx, there)
	if err != nil {
		return nil, err
	}
	here, err := take(ctx, folder{w.home})
	if err != nil {
		return nil, err
	}
	kept := w.keep.keeps(slices.Compact(newestFirst(append(append([]string{}, remote.whole...), here.whole...))), now)
	return slices.DeleteFunc(here.whole, func(own string) bool {
		return !kept[own] || slices.Contains(remote.whole, own)
	}), nil
}

const (
	workPrefix = ".taking-"
	spare      = 16 << 20
)

// clear removes what a run that was killed has left; the lock says that there is no other.
func (w wish) clear() error {
	entries, err := os.ReadDir(w.home)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), workPrefix) || strings.HasSuffix(entry.Name(), partSuffix) {
			if err := os.RemoveAll(filepath.Join(w.home, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func lap(since *time.Time) float64 {
	now := time.Now()
	took := now.Sub(*since).Seconds()
	*since = now
	return took
}
