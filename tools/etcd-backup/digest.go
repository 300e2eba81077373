package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
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

// trail hashes a file beside whoever writes it, so that the end of the one is nearly that of the other.
type trail[D hashing] struct {
	pieces chan int64
	ended  chan struct{}
	hashed D
	err    error
}

// piece is how much is written at once where it may be chosen: it is in the processor's cache still when it is hashed.
const piece = 2 << 20

// behind is how many pieces hashing may be behind: all of the largest database that etcd takes.
const behind = 8 << 30 / piece

// follow begins to hash a file, of which each piece is told to wrote. Its end must be asked for, and closes the file.
func follow[D hashing](file *os.File, into D) *trail[D] {
	t := &trail[D]{pieces: make(chan int64, behind), ended: make(chan struct{}), hashed: into}
	go func() {
		defer close(t.ended)
		defer file.Close()
		buffer := make([]byte, 1<<20)
		for bytes := range t.pieces {
			if t.err == nil {
				_, t.err = io.CopyBuffer(struct{ io.Writer }{t.hashed}, io.LimitReader(file, bytes), buffer)
			}
		}
	}()
	return t
}

// wrote tells that the file has grown.
func (t *trail[D]) wrote(bytes int64) { t.pieces <- bytes }

// end waits until everything that was written is hashed.
func (t *trail[D]) end() (D, error) {
	close(t.pieces)
	<-t.ended
	return t.hashed, t.err
}

// telling says how much has been written to another.
type telling struct {
	io.Writer
	wrote func(bytes int64)
}

func (t telling) Write(data []byte) (int, error) {
	n, err := t.Writer.Write(data)
	t.wrote(int64(n))
	return n, err
}
