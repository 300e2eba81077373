package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-semver/semver"
)

// The formats that this program writes and reads.
const (
	formatDatabase = 1 // the database of etcd
	formatObjects  = 2 // the objects of an API
)

// manifest tells what a bundle holds. It lies in the bundle and, since it has no secret, in clear beside it.
type manifest struct {
	Format            int       `json:"format"`
	ClusterID         string    `json:"clusterId"`               // uid of namespace kube-system
	EtcdClusterID     string    `json:"etcdClusterId,omitempty"` // as etcdctl writes it, in hex; of a database
	Member            string    `json:"member,omitempty"`        // the node whose etcd it was taken from; of a database
	TakenAt           time.Time `json:"takenAt"`
	Revision          int64     `json:"revision"`
	TotalKeys         int       `json:"totalKeys"` // keys of etcd, or objects
	DBSize            int64     `json:"dbSize"`    // bytes of the content; of etcd.db, its trailing hash among them
	SHA256            string    `json:"sha256"`    // of the content, in hex
	EtcdVersion       string    `json:"etcdVersion,omitempty"`
	LeftOut           []string  `json:"leftOut,omitempty"` // resources that the API server serves and objects are not taken of
	KubernetesVersion string    `json:"kubernetesVersion"`
	Reason            string    `json:"reason"`
	Recipients        []string  `json:"recipients"`
}

var reasons = []string{"schedule", "before-upgrade", "before-restore", "by-hand"}

// ofSchedule is what the names of Jobs that a schedule makes begin with.
var ofSchedule = []string{"etcd-backup-", "object-backup-"}

// reasonOf reads a reason, or the name of a Job that was named after one: who makes a Job out of a CronJob can choose its
// name and nothing else. Any other name is somebody's own.
func reasonOf(text string) string {
	if slices.ContainsFunc(ofSchedule, func(start string) bool { return strings.HasPrefix(text, start) }) {
		return "schedule"
	}
	for _, reason := range reasons {
		if text == reason || strings.HasPrefix(text, reason+"-") {
			return reason
		}
	}
	return "by-hand"
}

const stamp = "20060102T150405Z"

// name is the bundle's, by which snapshots of one format sort as they were taken.
func (m manifest) name() string {
	return fmt.Sprintf("%s-%s-%016x%s", beginnings[m.Format], m.TakenAt.UTC().Format(stamp), m.Revision, bundleSuffix)
}

// beginnings are those of the names of each format.
var beginnings = map[int]string{formatDatabase: "etcd", formatObjects: "objects"}

// content is the entry of the bundle that all of this is about.
func (m manifest) content() string {
	if m.Format == formatObjects {
		return objectsEntry
	}
	return databaseEntry
}

// digest is what hashes the content.
func (m manifest) digest() hashing {
	if m.Format == formatObjects {
		return newPlainDigest()
	}
	return newDigest()
}

// verify refuses a content that is not the one that is told of.
func (m manifest) verify(path string, d hashing) error {
	if m.Format == formatObjects {
		return verifyObjects(path, d, m)
	}
	return verifyDatabase(path, d, m)
}

const (
	bundleSuffix   = ".tar.age"
	manifestSuffix = ".json"
)

var stem = regexp.MustCompile(`^(?:etcd|objects)-(\d{8}T\d{6}Z)-([0-9a-f]{16})$`)

// stemOf is what a bundle's name and its manifest's begin with; false for any other name.
func stemOf(name string) (string, bool) {
	for _, suffix := range []string{bundleSuffix, manifestSuffix} {
		if own, found := strings.CutSuffix(name, suffix); found && stem.MatchString(own) {
			_, err := takenAt(own)
			return own, err == nil
		}
	}
	return "", false
}

func takenAt(stemmed string) (time.Time, error) {
	return time.Parse(stamp, stem.FindStringSubmatch(stemmed)[1])
}

// parseManifest refuses what this program would misread.
func parseManifest(data []byte) (manifest, error) {
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return manifest{}, &problem{exitUnknownFormat, "the manifest cannot be read", err}
	}
	if beginnings[head.Format] == "" {
		return manifest{}, failf(exitUnknownFormat, "the bundle is of format %d, and this program knows %d and %d alone", head.Format, formatDatabase, formatObjects)
	}
	var m manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return manifest{}, &problem{exitUnknownFormat, "the manifest cannot be read", err}
	}
	if err := checkVersions(m); err != nil {
		return manifest{}, err
	}
	return m, nil
}

// newestEtcdMinor is that of the library that this program restores and verifies with.
const newestEtcdMinor = 7

func checkVersions(m manifest) error {
	if m.Format == formatDatabase {
		etcd, err := semver.NewVersion(m.EtcdVersion)
		if err != nil || etcd.Major != 3 || etcd.Minor < 5 || etcd.Minor > newestEtcdMinor {
			return failf(exitUnknownFormat, "the snapshot is of etcd %q, and this program knows 3.5 to 3.%d", m.EtcdVersion, newestEtcdMinor)
		}
	}
	if _, err := semver.NewVersion(strings.TrimPrefix(m.KubernetesVersion, "v")); err != nil {
		return failf(exitUnknownFormat, "the snapshot is of Kubernetes %q, which is no version", m.KubernetesVersion)
	}
	return nil
}

func (m manifest) encode() ([]byte, error) {
	data, err := json.MarshalIndent(m, "", "  ")
	return append(data, '\n'), err
}

func (m manifest) line() string {
	parts, what := []string{}, " objects"
	if m.Format == formatDatabase {
		parts, what = []string{"of " + m.Member}, " keys"
	}
	return strings.Join(append([]string{
		m.name(), m.TakenAt.UTC().Format(time.RFC3339), m.Reason, "revision " + strconv.FormatInt(m.Revision, 10),
		strconv.Itoa(m.TotalKeys) + what, strconv.FormatInt(m.DBSize, 10) + " bytes",
	}, parts...), "  ")
}

// newestFirst sorts names in place by when they were taken, whatever of.
func newestFirst(names []string) []string {
	moment := func(name string) string {
		_, when, _ := strings.Cut(name, "-")
		return when
	}
	slices.SortFunc(names, func(x, y string) int {
		return cmp.Or(strings.Compare(moment(y), moment(x)), strings.Compare(y, x))
	})
	return names
}
