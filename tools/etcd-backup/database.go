package main

import (
	"cmp"
	"errors"
	"fmt"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"
	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/server/v3/storage/mvcc"
	"go.etcd.io/etcd/server/v3/storage/schema"
	"google.golang.org/protobuf/proto"
)

// read checks every page and key of the database, while what has not been hashed yet is.
func (t *taken) read(path string) (content, *digest, error) {
	found, err := inspect(path)
	hashed, failed := t.hashed()
	if err := cmp.Or(err, failed); err != nil {
		return content{}, nil, err
	}
	if t.copied {
		err = hashed.seal(path)
	}
	return found, hashed, err
}

// content is what only a reading of the whole database says.
type content struct {
	revision int64
	keys     int
}

// litter is how much more than it needs the memory may hold before it is cleared: every value is copied
// to be decoded, and clearing after each few of them took as long as reading.
const litter = 1000 // percent

const mostMemory = 256 << 20

// inspect has bbolt check every page of a database, and decodes every key in it as etcd does.
func inspect(file string) (found content, err error) {
	debug.SetGCPercent(litter)
	debug.SetMemoryLimit(mostMemory)
	// A page that is not what it should be is a panic to etcd's code.
	defer func() {
		if why := recover(); why != nil {
			found, err = content{}, fmt.Errorf("the database is damaged: %v", why)
		}
	}()
	db, err := bolt.Open(file, 0o400, &bolt.Options{ReadOnly: true})
	if err != nil {
		return content{}, fmt.Errorf("the database is damaged: %w", err)
	}
	defer db.Close()
	if err := db.View(found.read); err != nil {
		return content{}, fmt.Errorf("the database is damaged: %w", err)
	}
	return found, nil
}

func (c *content) read(tx *bolt.Tx) error {
	var damages []error
	for damage := range tx.Check() {
		damages = append(damages, damage)
	}
	if len(damages) > 0 {
		return errors.Join(damages...)
	}
	revisions := tx.Bucket(schema.Key.Name())
	if revisions == nil {
		return errors.New("it has no keys of etcd's")
	}
	living := map[string]bool{}
	err := revisions.ForEach(func(revision, value []byte) error {
		c.revision = mvcc.BytesToRev(revision).Main
		if len(value) == 0 {
			return nil // a restore has raised the revision: that leaves one of no key
		}
		var kv mvccpb.KeyValue
		if err := proto.Unmarshal(value, &kv); err != nil {
			return fmt.Errorf("revision %d cannot be decoded: %w", c.revision, err)
		}
		if mvcc.IsTombstone(revision) {
			delete(living, string(kv.Key))
		} else {
			living[string(kv.Key)] = true
		}
		return nil
	})
	c.keys = len(living)
	return err
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
