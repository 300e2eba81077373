package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

const day = 24 * time.Hour

func nameAt(at time.Time) string { return "etcd-" + at.UTC().Format(stamp) + "-0000000000000001" }

func TestKeeps(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	whole := []string{nameAt(now.Add(time.Hour)), nameAt(now), nameAt(now.Add(-day)), nameAt(now.Add(-2 * day)), nameAt(now.Add(-3 * day))}
	for _, one := range []struct {
		retention
		kept int
	}{
		{retention{1, 0}, 2}, // of the future: a clock that was wrong must not cost a snapshot
		{retention{1, day}, 3},
		{retention{4, 0}, 4},
		{retention{4, 3 * day}, 5},
	} {
		kept := one.keeps(whole, now)
		for index, own := range whole {
			if kept[own] != (index < one.kept) {
				t.Errorf("%+v: %s is kept: %v", one.retention, own, kept[own])
			}
		}
	}
}

// stubborn is a shelf that refuses to remove one file.
type stubborn struct {
	folder
	name string
	gone *[]string
}

func (s stubborn) remove(ctx context.Context, name string) error {
	if name == s.name {
		return errors.New("not this one")
	}
	*s.gone = append(*s.gone, name)
	return s.folder.remove(ctx, name)
}

func TestPruneGoesOldestFirstAndStopsWhereItFails(t *testing.T) {
	now := time.Now()
	home := t.TempDir()
	var names []string
	for age := range 4 {
		own := nameAt(now.Add(-time.Duration(age) * day))
		names = append(names, own)
		for _, suffix := range []string{bundleSuffix, manifestSuffix} {
			if err := os.WriteFile(filepath.Join(home, own+suffix), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	var gone []string
	shelf := stubborn{folder{home}, names[2] + bundleSuffix, &gone}
	if _, err := (retention{1, 0}).prune(context.Background(), shelf, now); err == nil {
		t.Error("the failure is not told")
	}
	want := []string{names[3] + manifestSuffix, names[3] + bundleSuffix, names[2] + manifestSuffix}
	if !slices.Equal(gone, want) {
		t.Errorf("removed %v, and not %v", gone, want)
	}
}

func TestStockCountsWholeSnapshotsAlone(t *testing.T) {
	found := stockOf([]string{
		"etcd-20260101T000000Z-0000000000000001.tar.age", "etcd-20260101T000000Z-0000000000000001.json",
		"etcd-20260102T000000Z-0000000000000001.tar.age", "etcd-20261301T000000Z-0000000000000001.json",
		"notes.txt", ".lock", "etcd-20260103T000000Z-0000000000000001.tar.age.part",
	})
	if !slices.Equal(found.whole, []string{"etcd-20260101T000000Z-0000000000000001"}) {
		t.Errorf("whole: %v", found.whole)
	}
	if !slices.Equal(found.torn, []string{"etcd-20260102T000000Z-0000000000000001"}) {
		t.Errorf("torn: %v", found.torn)
	}
}

func TestReasonOf(t *testing.T) {
	for given, want := range map[string]string{
		"schedule": "schedule", "etcd-backup-29381475": "schedule", "before-upgrade": "before-upgrade",
		"before-restore-7": "before-restore", "by-hand-x": "by-hand", "anything": "by-hand", "": "by-hand",
	} {
		if got := reasonOf(given); got != want {
			t.Errorf("%q is %q, and not %q", given, got, want)
		}
	}
}
