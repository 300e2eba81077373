package main

import (
	"archive/tar"
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"filippo.io/age"
)

// The entries of a bundle, in this order: whoever opens one learns whose it is before its content is written.
const (
	manifestEntry = "manifest.json"
	databaseEntry = "etcd.db"
	objectsEntry  = "objects.jsonl.gz"
	pkiFolder     = "pki"
)

// parseRecipients reads public keys.
func parseRecipients(keys []string) ([]age.Recipient, error) {
	recipients := make([]age.Recipient, 0, len(keys))
	for _, key := range keys {
		recipient, err := age.ParseX25519Recipient(key)
		if err != nil {
			return nil, fmt.Errorf("recipient %q is no public key of age, which begins with age1: %w", key, err)
		}
		recipients = append(recipients, recipient)
	}
	return recipients, nil
}

// writeBundle encrypts a snapshot and what a restore needs with it.
func writeBundle(to io.Writer, recipients []age.Recipient, m manifest, content string, pki secrets) error {
	buffered := bufio.NewWriterSize(to, 1<<20)
	encrypted, err := age.Encrypt(buffered, recipients...)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(encrypted)
	data, err := m.encode()
	if err != nil {
		return err
	}
	if err := addBytes(archive, manifestEntry, data, m); err != nil {
		return err
	}
	if err := addFile(archive, content, m); err != nil {
		return err
	}
	for _, name := range pki.names {
		if err := addBytes(archive, path.Join(pkiFolder, name), pki.content[name], m); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	if err := encrypted.Close(); err != nil {
		return err
	}
	return buffered.Flush()
}

func addBytes(archive *tar.Writer, name string, data []byte, m manifest) error {
	header := &tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), ModTime: m.TakenAt, Format: tar.FormatPAX}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err := archive.Write(data)
	return err
}

func addFile(archive *tar.Writer, from string, m manifest) error {
	file, err := os.Open(from)
	if err != nil {
		return err
	}
	defer file.Close()
	header := &tar.Header{Name: m.content(), Mode: 0o600, Size: m.DBSize, ModTime: m.TakenAt, Format: tar.FormatPAX}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	// Large steps: age makes a chunk of each 64 KiB.
	_, err = io.CopyBuffer(struct{ io.Writer }{archive}, struct{ io.Reader }{file}, make([]byte, 1<<20))
	return err
}

// secrets are the files without which a restored cluster knows nobody: their paths, sorted, and what is in them.
type secrets struct {
	names   []string
	content map[string][]byte
	size    int64
}

// readSecrets reads folders and files: the first as they lie in theirs, each of the others under its own name.
func readSecrets(paths []string) (secrets, error) {
	found := secrets{content: map[string][]byte{}}
	add := func(name, file string) error {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if _, taken := found.content[name]; taken {
			return fmt.Errorf("%s would be in the bundle twice", name)
		}
		found.names = append(found.names, name)
		found.content[name] = data
		found.size += int64(len(data))
		return nil
	}
	for _, given := range paths {
		root, under := given, ""
		// folder:name puts it below that name, as of k3s' tls.
		if at := strings.LastIndex(given, ":"); at > 0 {
			root, under = given[:at], given[at+1:]
		}
		err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			info, err := os.Stat(file) // a link counts as what it leads to
			if err != nil || !info.Mode().IsRegular() {
				return err
			}
			name, err := filepath.Rel(root, file)
			if err != nil {
				return err
			}
			return add(path.Join(under, filepath.ToSlash(name)), file)
		})
		if err != nil {
			return secrets{}, fmt.Errorf("%s cannot be read: %w", root, err)
		}
	}
	return found, nil
}
