package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

// However the bytes arrive, both hashes come out; whatever is missing, added or changed is refused.
func TestDigest(t *testing.T) {
	pages := bytes.Repeat([]byte("0123456789abcdef"), 64)
	own := sha256.Sum256(pages)
	whole := append(append([]byte{}, pages...), own[:]...)
	want := sha256.Sum256(whole)
	for _, step := range []int{1, 7, 31, 32, 33, 500, len(whole)} {
		d := newDigest()
		for rest := whole; len(rest) > 0; rest = rest[min(step, len(rest)):] {
			if n, err := d.Write(rest[:min(step, len(rest))]); err != nil || n != min(step, len(rest)) {
				t.Fatal(n, err)
			}
		}
		if sum, err := d.sum(); err != nil || sum != hex.EncodeToString(want[:]) {
			t.Errorf("in steps of %d: %s, %v", step, sum, err)
		}
	}
	changed := bytes.Clone(whole)
	changed[100] ^= 1
	for _, wrong := range [][]byte{nil, whole[:len(whole)-1], pages, whole[512:], changed, append(bytes.Clone(whole), 0)} {
		d := newDigest()
		_, _ = d.Write(wrong)
		if _, err := d.sum(); err == nil {
			t.Errorf("%d bytes are taken for a whole snapshot", len(wrong))
		}
	}
}
