package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"

	bolt "go.etcd.io/bbolt"
	"go.etcd.io/etcd/etcdutl/v3/snapshot"
	"go.uber.org/zap"
)

// digest hashes a snapshot while it flows. etcd ends one with the SHA-256 of all before, so the last bytes are held back
// until it is known that they are the last: one pass gives both hashes.
type digest struct {
	hash hash.Hash
	tail []byte
	size int64
}

func newDigest() *digest { return &digest{hash: sha256.New()} }

func (d *digest) Write(data []byte) (int, error) {
	d.size += int64(len(data))
	if len(data) >= sha256.Size {
		d.hash.Write(d.tail)
		d.hash.Write(data[:len(data)-sha256.Size])
		d.tail = append(d.tail[:0], data[len(data)-sha256.Size:]...)
		return len(data), nil
	}
	d.tail = append(d.tail, data...)
	if excess := len(d.tail) - sha256.Size; excess > 0 {
		d.hash.Write(d.tail[:excess])
		d.tail = append(d.tail[:0], d.tail[excess:]...)
	}
	return len(data), nil
}

func (d *digest) length() int64 { return d.size }

// sum is the SHA-256 of the whole, once etcd's own trailing hash agrees with what stands before it.
func (d *digest) sum() (string, error) {
	// A database is whole pages; what is over is the hash.
	if d.size%512 != sha256.Size {
		return "", fmt.Errorf("the %d bytes of the snapshot do not end with etcd's hash, so it is not whole", d.size)
	}
	if !bytes.Equal(d.hash.Sum(nil), d.tail) {
		return "", fmt.Errorf("the snapshot is not what etcd sent: the hash at its end is that of something else")
	}
	d.hash.Write(d.tail)
	return hex.EncodeToString(d.hash.Sum(nil)), nil
}

// seal ends a database that has no hash yet as etcd would have sent it, with the hash of all before.
func (d *digest) seal(path string) error {
	d.hash.Write(d.tail)
	d.tail = d.hash.Sum(nil)
	d.size += sha256.Size
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Write(d.tail); err != nil {
		return err
	}
	return file.Close()
}

// read has etcd's own code read every page and key of the database, and hashes meanwhile what was not hashed while it came.
func (t *taken) read(path string) (content, error) {
	if t.hashed != nil {
		return inspect(path)
	}
	var failed error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		t.hashed, failed = hashFile(path)
	}()
	found, err := inspect(path)
	<-ended
	if err := cmp.Or(err, failed); err != nil {
		return content{}, err
	}
	return found, t.hashed.seal(path)
}

// content is what only a reading of the whole database says.
type content struct {
	revision int64
	keys     int
}

// inspect checks the pages of a database and decodes every key in it, with etcd's own code, which panics where a bucket is
// not there.
func inspect(file string) (found content, err error) {
	defer func() {
		if why := recover(); why != nil {
			found, err = content{}, fmt.Errorf("the database is damaged: %v", why)
		}
	}()
	status, err := snapshot.NewV3(zap.NewNop()).Status(file)
	if err != nil {
		return content{}, fmt.Errorf("the database is damaged: %w", err)
	}
	marked, err := raised(file)
	if err != nil {
		return content{}, fmt.Errorf("the database is damaged: %w", err)
	}
	if marked {
		status.TotalKey--
	}
	return content{revision: status.Revision, keys: status.TotalKey}, nil
}

// raised tells whether a restore has raised the revision: that leaves a revision of no key, which etcd counts as one
// until it is compacted.
func raised(file string) (found bool, err error) {
	db, err := bolt.Open(file, 0o400, &bolt.Options{ReadOnly: true})
	if err != nil {
		return false, err
	}
	defer db.Close()
	err = db.View(func(tx *bolt.Tx) error {
		keys := tx.Bucket([]byte("key"))
		if keys == nil {
			return nil
		}
		return keys.ForEach(func(_, value []byte) error {
			found = found || len(value) == 0
			return nil
		})
	})
	return found, err
}

// hashFile reads a file through a digest.
func hashFile(path string) (*digest, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	d := newDigest()
	_, err = io.CopyBuffer(struct{ io.Writer }{d}, file, make([]byte, 1<<20))
	return d, err
}

// verifyDatabase refuses a database that is not the one that the manifest tells of.
func verifyDatabase(path string, d hashing, m manifest) error {
	sum, err := d.sum()
	if err != nil {
		return &problem{exitWrongDatabase, "the database is refused", err}
	}
	if sum != m.SHA256 || d.length() != m.DBSize {
		return failf(exitWrongDatabase, "the database is refused: its SHA-256 is %s with %d bytes, and the manifest says %s with %d", sum, d.length(), m.SHA256, m.DBSize)
	}
	found, err := inspect(path)
	if err != nil {
		return &problem{exitWrongDatabase, "the database is refused", err}
	}
	if found.revision != m.Revision || found.keys != m.TotalKeys {
		return failf(exitWrongDatabase, "the database is refused: it has revision %d and %d keys, and the manifest says %d and %d", found.revision, found.keys, m.Revision, m.TotalKeys)
	}
	return nil
}
