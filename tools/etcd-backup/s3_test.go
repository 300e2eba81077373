package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// bucketOf is a bucket of a service that answers questions, and breaks the connection of whoever sends it something.
func bucketOf(t *testing.T, answer http.HandlerFunc, uploads *atomic.Int32) *bucket {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPut {
			answer(w, r)
			return
		}
		uploads.Add(1)
		connection, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = connection.(*net.TCPConn).SetLinger(0)
		_ = connection.Close()
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "somebody")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong")
	name, region, prefix := "backups", "us-east-1", "lab"
	there, err := s3Settings{&server.URL, &name, &region, &prefix}.open(ownID)
	if err != nil {
		t.Fatal(err)
	}
	return there
}

func upload(t *testing.T, there *bucket, within time.Duration) error {
	t.Helper()
	file := filepath.Join(t.TempDir(), "bundle")
	if err := os.WriteFile(file, make([]byte, 4<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	limited, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	return retry(limited, func(ctx context.Context) error { return there.upload(ctx, file, "bundle") })
}

func TestRefusalIsSeenWhereTheConnectionBreaks(t *testing.T) {
	var uploads atomic.Int32
	err := upload(t, bucketOf(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<Error><Code>SignatureDoesNotMatch</Code></Error>")
	}, &uploads), 20*time.Second)
	if exitCode(err) != exitDenied || !strings.Contains(err.Error(), "SignatureDoesNotMatch") {
		t.Errorf("refused by: %v", err)
	}
	if sent := uploads.Load(); sent != 1 {
		t.Errorf("sent %d times", sent)
	}
}

func TestBrokenConnectionIsTriedAgain(t *testing.T) {
	var uploads atomic.Int32
	err := upload(t, bucketOf(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
	}, &uploads), 1500*time.Millisecond)
	if err == nil || exitCode(err) != exitFailed {
		t.Errorf("ended by: %v", err)
	}
	if sent := uploads.Load(); sent < 2 {
		t.Errorf("sent %d times", sent)
	}
}
