package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc"
)

const (
	// databaseOnDisk is where etcd keeps its database within its --data-dir.
	databaseOnDisk = "member/snap/db"
	// smallest is the size below which copying is not worth the asking, and above which etcd cannot have sent everything
	// that it holds still.
	smallest = 4 << 20
	// underway is twice what can lie between etcd's reading of its database and us: a window of HTTP/2 here, a quota of as
	// much there, and two pieces of 32 KiB.
	underway = 384 << 10
)

// narrow keeps etcd from sending ahead.
var narrow = []grpc.DialOption{grpc.WithStaticStreamWindowSize(64 << 10), grpc.WithStaticConnWindowSize(64 << 10)}

// copied takes the database from the member's own disk, while etcd holds it still.
//
// A snapshot that etcd sends is one read transaction of bbolt, open until the last byte has been read: the pages that
// say where everything is, of that moment, and then the file as it lies there, for nothing is written over what an open
// transaction sees. So whoever has begun such a snapshot and does not go on to read it can copy the file, as bbolt
// itself would, and etcd neither hashes it nor sends it in pieces (docs/decisions/0026). The client's windows are narrow.
func (m member) copied(ctx context.Context, client *clientv3.Client, to string) (hashing *trail[*digest], err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // which ends the transaction
	stream, err := pb.NewMaintenanceClient(client.ActiveConnection()).Snapshot(ctx, &pb.SnapshotRequest{})
	if err != nil {
		return nil, err
	}
	first, err := stream.Recv()
	if err != nil {
		return nil, err
	}
	head := first.GetBlob()
	size := int64(len(head)) + int64(first.GetRemainingBytes())
	if size < smallest {
		return nil, fmt.Errorf("its %d bytes are too few to be worth it", size)
	}
	// Only now: until then, a defragmentation could have put another file in its place.
	own, err := os.Open(filepath.Join(m.data, databaseOnDisk))
	if err != nil {
		return nil, err
	}
	defer own.Close()
	if err := current(own, head); err != nil {
		return nil, err
	}
	file, err := newClear(to)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	written, err := os.Open(to)
	if err != nil {
		return nil, err
	}
	hashing = follow(written, newDigest())
	defer func() {
		if err != nil {
			_, _ = hashing.end()
		}
	}()
	if err := fill(file, head, own, size, hashing.wrote); err != nil {
		return nil, err
	}
	if err := stillHeld(stream); err != nil {
		return nil, err
	}
	return hashing, file.Close()
}

// fill writes a beginning, and then from another file what follows there up to a size, by the kernel alone.
func fill(file *os.File, head []byte, from *os.File, size int64, wrote func(bytes int64)) error {
	if _, err := file.Write(head); err != nil {
		return err
	}
	done := int64(len(head))
	wrote(done)
	if _, err := from.Seek(done, io.SeekStart); err != nil {
		return err
	}
	for done < size {
		next := min(piece, size-done)
		if _, err := io.CopyN(file, from, next); err != nil {
			return err
		}
		wrote(next)
		done += next
	}
	return nil
}

// stillHeld reads on until there is something that etcd has read of its transaction since this was called.
func stillHeld(stream grpc.ServerStreamingClient[pb.SnapshotResponse]) error {
	for more := 0; more <= underway; {
		next, err := stream.Recv()
		if err != nil {
			return fmt.Errorf("etcd did not hold it still to the end: %w", err)
		}
		more += len(next.GetBlob())
	}
	return nil
}

// A page of bbolt begins with its header. What follows in the two first ones is the same on every machine that
// Kubernetes runs on: which page is the root, and in which transaction it became that.
const (
	magicAt, magic      = 16, 0xED0CDAED
	pageSizeAt          = 24
	transactionAt       = 64
	pages, smallestPage = 2, 512
)

// current refuses a file that is behind what etcd has begun to send: an earlier etcd has left it.
func current(own io.ReaderAt, head []byte) error {
	sent, size, err := transaction(head)
	if err != nil {
		return fmt.Errorf("what etcd sends cannot be read: %w", err)
	}
	var newest uint64
	for page := range int64(pages) {
		begin := make([]byte, smallestPage)
		if _, err := own.ReadAt(begin, page*size); err != nil {
			return err
		}
		found, _, err := transaction(begin)
		if err != nil {
			return fmt.Errorf("the file cannot be read: %w", err)
		}
		newest = max(newest, found)
	}
	if newest < sent {
		return fmt.Errorf("the file ends at transaction %d, and etcd is at %d: it is not that etcd's", newest, sent)
	}
	return nil
}

// transaction is the one that a page of bbolt's beginning is of, and the size of a page.
func transaction(page []byte) (id uint64, size int64, err error) {
	if len(page) < smallestPage || binary.NativeEndian.Uint32(page[magicAt:]) != magic {
		return 0, 0, fmt.Errorf("it does not begin as a database of bbolt does")
	}
	return binary.NativeEndian.Uint64(page[transactionAt:]), int64(binary.NativeEndian.Uint32(page[pageSizeAt:])), nil
}
