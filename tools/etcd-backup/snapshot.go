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

// member is one etcd, and the files that it knows us by.
type member struct{ endpoint, ca, certificate, key string }

const dialDeadline = 10 * time.Second

const window = 8 << 20

func (m member) connect() (*clientv3.Client, error) {
	config := clientv3.Config{
		Endpoints: []string{m.endpoint}, DialTimeout: dialDeadline, Logger: zap.NewNop(),
		DialKeepAliveTime: 10 * time.Second, DialKeepAliveTimeout: 20 * time.Second,
		// A snapshot is one long stream: etcd must not wait for leave to send its next 32 KiB.
		DialOptions: []grpc.DialOption{
			grpc.WithInitialWindowSize(window), grpc.WithInitialConnWindowSize(window), grpc.WithReadBufferSize(1 << 20),
		},
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
	sum     string
	size    int64
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

// snapshot streams the database of a member of a cluster into a file, and checks it against the hash that etcd has sent
// after it.
//
// The file is never synced: it lives for seconds, and best never reaches the disk in clear.
func (m member) snapshot(ctx context.Context, cluster, to string, room func(bytes int64) error) (t taken, err error) {
	client, err := m.connect()
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
	t.at = time.Now().UTC().Truncate(time.Second)
	t.cluster = fmt.Sprintf("%x", status.Header.ClusterId)
	t.version = status.Version
	stream, err := client.SnapshotWithVersion(ctx)
	if err != nil {
		return t, fmt.Errorf("etcd at %s gives no snapshot: %w", m.endpoint, err)
	}
	defer stream.Snapshot.Close()
	file, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return t, err
	}
	defer file.Close()
	hashed := newDigest()
	both := io.MultiWriter(file, hashed)
	if _, err := io.CopyBuffer(both, stream.Snapshot, make([]byte, 1<<20)); err != nil {
		return t, fmt.Errorf("the snapshot of %s broke off: %w", m.endpoint, err)
	}
	if t.sum, err = hashed.sum(); err != nil {
		return t, err
	}
	t.size = hashed.size
	return t, file.Close()
}
