package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
)

const metricPrefix = "quintet_etcd_backup_"

// meanings are every metric that there is, with its text of help. All are gauges.
var meanings = map[string]string{
	"last_attempt_timestamp_seconds": "When a snapshot was last tried, in Unix time.",
	"last_exit_code":                 "What the last try ended with; 0 is success, 18 is kept here but not in S3.",
	"last_success_timestamp_seconds": "When the newest snapshot on this node was taken, in Unix time.",
	"last_upload_timestamp_seconds":  "When the newest snapshot of this node that is in S3 was taken, in Unix time.",
	"upload_ok":                      "Whether the last snapshot is in S3 (1) or not (0); absent where none is wanted there.",
	"database_bytes":                 "Size of the database in the newest snapshot.",
	"bundle_bytes":                   "Size of the newest bundle, encrypted.",
	"revision":                       "Revision of etcd in the newest snapshot.",
	"keys":                           "Keys in the newest snapshot.",
	"duration_seconds":               "How long the newest snapshot took, without its upload.",
	"upload_duration_seconds":        "How long the upload took.",
	"snapshots":                      "Snapshots that this node keeps.",
}

// metrics are values by name, without the prefix.
type metrics map[string]float64

// readMetrics gives what the last run wrote, since a failure must not make one forget the last success.
func readMetrics(path string) metrics {
	values := metrics{}
	file, err := os.Open(path)
	if err != nil {
		return values
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		own := strings.TrimPrefix(name, metricPrefix)
		if number, err := strconv.ParseFloat(value, 64); err == nil && meanings[own] != "" {
			values[own] = number
		}
	}
	return values
}

func (m metrics) write(path string) error {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return writeWhole(path, 0o644, func(file *os.File) error {
		for _, name := range names {
			own := metricPrefix + name
			value := strconv.FormatFloat(m[name], 'f', -1, 64)
			if _, err := fmt.Fprintf(file, "# HELP %s %s\n# TYPE %s gauge\n%s %s\n", own, meanings[name], own, own, value); err != nil {
				return err
			}
		}
		return nil
	})
}
