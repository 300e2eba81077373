package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
)

// member is one etcd, the files that it knows us by and, where it is at hand, the folder of its data.
type member struct{ endpoint, ca, certificate, key, data string }

const dialDeadline = 10 * time.Second

const window = 8 << 20

// wide lets etcd send a whole snapshot as one long stream, without waiting for leave to send its next 32 KiB.
var wide = []grpc.DialOption{
	grpc.WithStaticStreamWindowSize(window), grpc.WithStaticConnWindowSize(window), grpc.WithReadBufferSize(1 << 20),
}

func (m member) connect(options ...grpc.DialOption) (*clientv3.Client, error) {
	config := clientv3.Config{
		Endpoints: []string{m.endpoint}, DialTimeout: dialDeadline, Logger: zap.NewNop(),
		DialKeepAliveTime: 10 * time.Second, DialKeepAliveTimeout: 20 * time.Second, DialOptions: options,
	}
	if m.certificate != "" || m.ca != "" {
		tls, err := transport.TLSInfo{TrustedCAFile: m.ca, CertFile: m.certificate, KeyFile: m.key}.ClientConfig()
		if err != nil {
			return nil, fmt.Errorf("the certificates for etcd cannot be read: %w", err)
		}
		config.TLS = tls
	}
	return clientv3.New(config)
}

// taken is what the taking of a snapshot tells, before its database is read.
type taken struct {
	at      time.Time
	cluster string
	version string
	copied  bool                    // and not streamed
	hashed  func() (*digest, error) // waits until all of it is hashed
}

// namespaceOfCluster is the object whose uid tells clusters apart.
const namespaceOfCluster = "/registry/namespaces/kube-system"

// holds refuses an etcd that is not the cluster's: one that has lost its data and begun anew must not be saved as it.
func (m member) holds(ctx context.Context, client *clientv3.Client, cluster string) error {
	answer, err := client.Get(ctx, namespaceOfCluster)
	if err != nil {
		return fmt.Errorf("etcd at %s does not answer: %w", m.endpoint, err)
	}
	// Its uid stands in the object's Protobuf as text.
	if len(answer.Kvs) == 0 || !bytes.Contains(answer.Kvs[0].Value, []byte(cluster)) {
		return failf(exitOtherCluster, "etcd at %s is not of cluster %s: its namespace kube-system has another uid, or is not there", m.endpoint, cluster)
	}
	return nil
}

// snapshot leaves the database of a member of a cluster in a file: copied from the member's own disk where that is at hand,
// and otherwise, or where that fails, as etcd streams it.
//
// The file is never synced: it lives for seconds, and best never reaches the disk in clear.
func (m member) snapshot(ctx context.Context, cluster, to string, room func(bytes int64) error) (t taken, err error) {
	client, err := m.connect(narrow...)
	if err != nil {
		return t, err
	}
	defer client.Close()
	asked, cancel := context.WithTimeout(ctx, dialDeadline)
	defer cancel()
	status, err := client.Status(asked, m.endpoint)
	if err != nil {
		return t, fmt.Errorf("etcd at %s does not answer: %w", m.endpoint, err)
	}
	if err := m.holds(asked, client, cluster); err != nil {
		return t, err
	}
	if err := room(status.DbSize); err != nil {
		return t, err
	}
	t = taken{at: time.Now().UTC().Truncate(time.Second), cluster: fmt.Sprintf("%x", status.Header.ClusterId), version: status.Version}
	if m.data != "" && status.DbSize >= smallest {
		hashing, err := m.copied(ctx, client, to)
		if err == nil {
			t.copied, t.hashed = true, hashing.end
			return t, nil
		}
		fmt.Fprintf(os.Stderr, "The database is streamed, and not copied from %s: %v.\n", m.data, err)
	}
	hashed, err := m.streamed(ctx, to)
	t.hashed = func() (*digest, error) { return hashed, nil }
	return t, err
}

// streamed reads the database as etcd sends it, and hashes it as it comes.
func (m member) streamed(ctx context.Context, to string) (*digest, error) {
	client, err := m.connect(wide...)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	stream, err := client.SnapshotWithVersion(ctx)
	if err != nil {
		return nil, fmt.Errorf("etcd at %s gives no snapshot: %w", m.endpoint, err)
	}
	defer stream.Snapshot.Close()
	file, err := newClear(to)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	hashed := newDigest()
	both := io.MultiWriter(file, hashed)
	if _, err := io.CopyBuffer(both, stream.Snapshot, make([]byte, 1<<20)); err != nil {
		return nil, fmt.Errorf("the snapshot of %s broke off: %w", m.endpoint, err)
	}
	return hashed, file.Close()
}

// newClear is a file for a database in clear, in the place of one that was begun.
func newClear(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
}
