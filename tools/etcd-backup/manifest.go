package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-semver/semver"
)

// format is the one that this program writes and reads.
const format = 1

// manifest tells what a bundle holds. It lies in the bundle and, since it has no secret, in clear beside it.
type manifest struct {
	Format            int       `json:"format"`
	ClusterID         string    `json:"clusterId"`     // uid of namespace kube-system
	EtcdClusterID     string    `json:"etcdClusterId"` // as etcdctl writes it, in hex
	Member            string    `json:"member"`        // the node whose etcd it was taken from
	TakenAt           time.Time `json:"takenAt"`
	Revision          int64     `json:"revision"`
	TotalKeys         int       `json:"totalKeys"`
	DBSize            int64     `json:"dbSize"` // bytes of etcd.db, its trailing hash among them
	SHA256            string    `json:"sha256"` // of etcd.db, in hex
	EtcdVersion       string    `json:"etcdVersion"`
	KubernetesVersion string    `json:"kubernetesVersion"`
	Reason            string    `json:"reason"`
	Recipients        []string  `json:"recipients"`
}

var reasons = []string{"schedule", "before-upgrade", "before-restore", "by-hand"}

// ofSchedule is what the names of Jobs that the schedule makes begin with.
const ofSchedule = "etcd-backup-"

// reasonOf reads a reason, or the name of a Job that was named after one: who makes a Job out of a CronJob can choose its
// name and nothing else. Any other name is somebody's own.
func reasonOf(text string) string {
	if strings.HasPrefix(text, ofSchedule) {
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

// name is the bundle's, by which snapshots sort as they were taken.
func (m manifest) name() string {
	return fmt.Sprintf("etcd-%s-%016x%s", m.TakenAt.UTC().Format(stamp), m.Revision, bundleSuffix)
}

const (
	bundleSuffix   = ".tar.age"
	manifestSuffix = ".json"
)

var stem = regexp.MustCompile(`^etcd-(\d{8}T\d{6}Z)-([0-9a-f]{16})$`)

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
	if head.Format != format {
		return manifest{}, failf(exitUnknownFormat, "the bundle is of format %d, and this program knows format %d alone", head.Format, format)
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
	etcd, err := semver.NewVersion(m.EtcdVersion)
	if err != nil || etcd.Major != 3 || etcd.Minor < 5 || etcd.Minor > newestEtcdMinor {
		return failf(exitUnknownFormat, "the snapshot is of etcd %q, and this program knows 3.5 to 3.%d", m.EtcdVersion, newestEtcdMinor)
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
	return strings.Join([]string{
		m.name(), m.TakenAt.UTC().Format(time.RFC3339), m.Reason, "revision " + strconv.FormatInt(m.Revision, 10),
		strconv.Itoa(m.TotalKeys) + " keys", strconv.FormatInt(m.DBSize, 10) + " bytes", "of " + m.Member,
	}, "  ")
}

// newestFirst sorts names in place.
func newestFirst(names []string) []string {
	slices.Sort(names)
	slices.Reverse(names)
	return names
}
