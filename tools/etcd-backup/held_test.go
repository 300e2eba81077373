package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// databases of bbolt: one, a transaction of it as etcd begins to send it, and its file as it was before.
func databases(t *testing.T) (db *bolt.DB, sent, before []byte) {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	write := func() {
		t.Helper()
		if err := db.Update(func(tx *bolt.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists([]byte("one"))
			if err != nil {
				return err
			}
			return bucket.Put([]byte("key"), make([]byte, 100))
		}); err != nil {
			t.Fatal(err)
		}
	}
	write()
	if before, err = os.ReadFile(db.Path()); err != nil {
		t.Fatal(err)
	}
	write()
	var all bytes.Buffer
	if err := db.View(func(tx *bolt.Tx) error { _, err := tx.WriteTo(&all); return err }); err != nil {
		t.Fatal(err)
	}
	write()
	return db, all.Bytes(), before
}

// The file that a transaction is of may be ahead of it, and not behind it.
func TestCurrent(t *testing.T) {
	db, sent, before := databases(t)
	own, err := os.Open(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	for name, file := range map[string]io.ReaderAt{"ahead": own, "the same": bytes.NewReader(sent)} {
		if err := current(file, sent); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	changed := bytes.Clone(before)
	changed[magicAt]++
	for name, file := range map[string][]byte{"behind": before, "cut": before[:100], "empty": nil, "no database": changed} {
		if current(bytes.NewReader(file), sent) == nil {
			t.Errorf("a file that is %s is taken for etcd's", name)
		}
	}
	if current(own, []byte("no page")) == nil {
		t.Error("anything is taken for what etcd sends")
	}
}

func TestDatabaseWithoutBucketsIsDamaged(t *testing.T) {
	_, sent, _ := databases(t)
	file := filepath.Join(t.TempDir(), "db")
	if err := os.WriteFile(file, sent, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := inspect(file); err == nil {
		t.Error("a database that is not etcd's is taken for one")
	}
}
