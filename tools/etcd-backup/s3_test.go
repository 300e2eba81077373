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
	return openBucket(t, server)
}

func openBucket(t *testing.T, server *httptest.Server) *bucket {
	t.Helper()
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

// The agent of EKS Pod Identity hands a key out for as long as it lasts, to whoever shows the token of the pod's account.
func TestRoleOfThePod(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("the account's"), 0o600); err != nil {
		t.Fatal(err)
	}
	agent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "the account's" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		until := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		_, _ = io.WriteString(w, `{"AccessKeyId": "ASIAROLE", "SecretAccessKey": "s", "Token": "session", "Expiration": "`+until+`"}`)
	}))
	defer agent.Close()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("X-Amz-Security-Token") != "session" || !strings.Contains(r.Header.Get("Authorization"), "Credential=ASIAROLE/") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
	}))
	defer server.Close()
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_WEB_IDENTITY_TOKEN_FILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.URL)
	t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token)
	if _, err := openBucket(t, server).names(t.Context()); err != nil || asked.Load() != 1 {
		t.Errorf("asked %d times: %v", asked.Load(), err)
	}
	if err := os.WriteFile(token, []byte("somebody else's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openBucket(t, server).names(t.Context()); err == nil {
		t.Error("whoever is handed no key comes in")
	}
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "")
	name := "backups"
	if _, err := (s3Settings{&server.URL, &name, &name, &name}).open(ownID); exitCode(err) != exitDenied {
		t.Errorf("without any key: %v", err)
	}
}
