package main

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
)

// objectLine is one line of the file of objects: a resource, or an object of the resource before it.
type objectLine struct {
	Resource *resource       `json:"resource,omitempty"`
	Object   json.RawMessage `json:"object,omitempty"`
}

// hashing is what a content flows through on its way to the disk.
type hashing interface {
	io.Writer
	// sum is the SHA-256 of the whole in hex, or why it is not whole.
	sum() (string, error)
	length() int64
}

// plainDigest hashes what ends with no hash of its own.
type plainDigest struct {
	hash hash.Hash
	size int64
}

func newPlainDigest() *plainDigest { return &plainDigest{hash: sha256.New()} }

func (d *plainDigest) Write(data []byte) (int, error) {
	d.size += int64(len(data))
	return d.hash.Write(data)
}

func (d *plainDigest) sum() (string, error) { return hex.EncodeToString(d.hash.Sum(nil)), nil }

func (d *plainDigest) length() int64 { return d.size }

// writeObjects makes the file of objects, of what fill hands over.
func writeObjects(path string, fill func(add func(objectLine) error) error) (hashed hashing, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	hashed = newPlainDigest()
	buffered := bufio.NewWriterSize(io.MultiWriter(file, hashed), 1<<20)
	packed := gzip.NewWriter(buffered)
	lines := json.NewEncoder(packed)
	lines.SetEscapeHTML(false) // byte for byte what the API server said
	if err := fill(func(line objectLine) error { return lines.Encode(line) }); err != nil {
		return nil, err
	}
	if err := packed.Close(); err != nil {
		return nil, err
	}
	if err := buffered.Flush(); err != nil {
		return nil, err
	}
	return hashed, file.Close()
}

// readObjects hands over every line of a file of objects.
func readObjects(path string, visit func(objectLine) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(bufio.NewReaderSize(file, 1<<20))
	if err != nil {
		return err
	}
	for lines := json.NewDecoder(unpacked); ; {
		var line objectLine
		if err := lines.Decode(&line); errors.Is(err, io.EOF) {
			return unpacked.Close()
		} else if err != nil {
			return err
		}
		if err := visit(line); err != nil {
			return err
		}
	}
}

// clusterNamespace is the object whose uid tells clusters apart, as holds does in etcd.
const clusterNamespace = "kube-system"

// inspectObjects reads every object of a file, and says how many there are and of which cluster.
func inspectObjects(path string) (count int, cluster string, err error) {
	var of *resource
	err = readObjects(path, func(line objectLine) error {
		if line.Resource != nil {
			of = line.Resource
			return nil
		}
		var object struct {
			Metadata struct{ Name, UID string } `json:"metadata"`
		}
		if err := json.Unmarshal(line.Object, &object); err != nil {
			return err
		}
		if of == nil || object.Metadata.Name == "" {
			return fmt.Errorf("object %d is of no resource or has no name", count+1)
		}
		if of.ID == "/namespaces" && object.Metadata.Name == clusterNamespace {
			cluster = object.Metadata.UID
		}
		count++
		return nil
	})
	return count, cluster, err
}

// verifyObjects refuses a file that is not the one that the manifest tells of.
func verifyObjects(path string, d hashing, m manifest) error {
	sum, err := d.sum()
	if err != nil {
		return err
	}
	if sum != m.SHA256 || d.length() != m.DBSize {
		return failf(exitWrongDatabase, "the objects are refused: their SHA-256 is %s with %d bytes, and the manifest says %s with %d", sum, d.length(), m.SHA256, m.DBSize)
	}
	count, cluster, err := inspectObjects(path)
	if err != nil {
		return &problem{exitWrongDatabase, "the objects are refused", err}
	}
	if count != m.TotalKeys {
		return failf(exitWrongDatabase, "the objects are refused: there are %d, and the manifest says %d", count, m.TotalKeys)
	}
	if cluster != m.ClusterID {
		return failf(exitOtherCluster, "the objects are of cluster %q, and not of %s", cluster, m.ClusterID)
	}
	return nil
}
