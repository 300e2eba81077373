package main

import (
	"archive/tar"
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"
	"github.com/klauspost/readahead"
)

// ahead is how many MiB may be decrypted that are not written yet.
const ahead = 4

type opened struct {
	manifest
	Directory string `json:"directory"`
}

func (o opened) String() string { return o.line() + "\nopened into " + o.Directory }

func runOpen(_ context.Context, flags *flag.FlagSet, args []string) (fmt.Stringer, error) {
	bundle := flags.String("bundle", "", "the bundle to open")
	identity := flags.String("identity", "", "file with the private key")
	cluster := flags.String("cluster-id", "", "the cluster that it must be of: the uid of its namespace kube-system")
	directory := flags.String("directory", "", "folder to make: manifest.json and etcd.db with pki, or objects.jsonl.gz, are put into it")
	if err := parse(flags, args, "bundle", "identity", "cluster-id", "directory"); err != nil {
		return nil, err
	}
	m, err := openBundle(*bundle, *identity, *cluster, *directory)
	if err != nil {
		return nil, err
	}
	return opened{m, *directory}, nil
}

// openBundle makes the folder when everything about the bundle is right, and leaves nothing behind otherwise.
func openBundle(bundle, identityFile, cluster, directory string) (m manifest, err error) {
	identities, err := readIdentities(identityFile)
	if err != nil {
		return m, err
	}
	file, err := os.Open(bundle)
	if errors.Is(err, os.ErrNotExist) {
		return m, failf(exitNotFound, "there is no bundle %s", bundle)
	} else if err != nil {
		return m, err
	}
	defer file.Close()
	if _, err := os.Lstat(directory); err == nil {
		return m, failf(exitFailed, "%s is there already: name a folder that is not", directory)
	}
	info, err := file.Stat()
	if err != nil {
		return m, err
	}
	if err := os.MkdirAll(filepath.Dir(directory), 0o700); err != nil {
		return m, err
	}
	if err := reserve(filepath.Dir(directory), info.Size()); err != nil {
		return m, err
	}
	part := directory + partSuffix
	if err := os.RemoveAll(part); err != nil {
		return m, err
	}
	defer os.RemoveAll(part)
	if err := os.Mkdir(part, 0o700); err != nil {
		return m, err
	}
	decrypted, err := age.Decrypt(bufio.NewReaderSize(file, 1<<20), identities...)
	if err != nil {
		return m, refusedKey(err, bundle, identities)
	}
	// One processor decrypts while another one writes.
	source, err := readahead.NewReaderSize(&authentic{from: decrypted}, ahead, 1<<20)
	if err != nil {
		return m, err
	}
	defer source.Close()
	m, digest, err := unpack(source, part, cluster)
	if err != nil {
		return m, err
	}
	if err := m.verify(filepath.Join(part, m.content()), digest); err != nil {
		return m, err
	}
	return m, os.Rename(part, directory)
}

func readIdentities(path string) ([]age.Identity, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, &problem{exitFailed, "the private key cannot be read", err}
	}
	defer file.Close()
	identities, err := age.ParseIdentities(file)
	if err != nil {
		return nil, &problem{exitFailed, path + " holds no private key of age", err}
	}
	return identities, nil
}

// refusedKey tells a wrong key from a bundle that was changed just where it says whose keys open it: the manifest beside
// the bundle knows.
func refusedKey(err error, bundle string, identities []age.Identity) error {
	var nobody *age.NoIdentityMatchError
	if !errors.As(err, &nobody) {
		return &problem{exitTampered, "the bundle " + bundle + " has been changed or cut off", err}
	}
	var own []string
	for _, identity := range identities {
		if known, ok := identity.(*age.X25519Identity); ok {
			own = append(own, known.Recipient().String())
		}
	}
	if data, failed := os.ReadFile(strings.TrimSuffix(bundle, bundleSuffix) + manifestSuffix); failed == nil {
		if m, failed := parseManifest(data); failed == nil {
			if slices.ContainsFunc(own, func(key string) bool { return slices.Contains(m.Recipients, key) }) {
				return failf(exitTampered, "the bundle %s has been changed or cut off: its manifest names this key, and it does not open it", bundle)
			}
			return failf(exitWrongKey, "this is the wrong key for %s: it opens for %s, and this is the key of %s", bundle, strings.Join(m.Recipients, " or "), strings.Join(own, " and "))
		}
	}
	return failf(exitWrongKey, "this is the wrong key for %s: it is not encrypted to %s", bundle, strings.Join(own, " or "))
}

// authentic marks what age refuses, so that it is not taken for a fault of the archive in it.
type authentic struct{ from io.Reader }

func (a *authentic) Read(buffer []byte) (int, error) {
	n, err := a.from.Read(buffer)
	if err != nil && err != io.EOF {
		err = &problem{exitTampered, "the bundle has been changed or cut off", err}
	}
	return n, err
}

// unpack writes the entries into a folder; the first says whether the rest is wanted.
func unpack(source io.Reader, folder, cluster string) (manifest, hashing, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return manifest{}, nil, err
	}
	defer root.Close()
	archive := tar.NewReader(source)
	m, err := unpackManifest(archive, root)
	if err != nil {
		return m, nil, err
	}
	if m.ClusterID != cluster {
		return m, nil, failf(exitOtherCluster, "the snapshot is of cluster %s, and not of %s", m.ClusterID, cluster)
	}
	var hashed hashing
	for {
		header, err := archive.Next()
		if err == io.EOF {
			break
		} else if err != nil {
			return m, nil, misread(err)
		}
		switch {
		case header.Name == m.content() && hashed == nil:
			hashed, err = writeHashed(root, header.Name, archive, m.digest())
		case path.Clean(header.Name) == header.Name && strings.HasPrefix(header.Name, pkiFolder+"/") && header.Typeflag == tar.TypeReg:
			if err = root.MkdirAll(path.Dir(header.Name), 0o700); err == nil {
				err = writeEntry(root, header.Name, archive)
			}
		default:
			err = failf(exitUnknownFormat, "the bundle has %q in it, which format %d has not", header.Name, m.Format)
		}
		if err != nil {
			return m, nil, err
		}
	}
	// The archive's end is not the bundle's: age's last chunk says that nothing was cut off.
	if _, err := io.Copy(io.Discard, source); err != nil {
		return m, nil, err
	}
	if hashed == nil {
		return m, nil, failf(exitUnknownFormat, "the bundle has no %s in it", m.content())
	}
	return m, hashed, nil
}

func unpackManifest(archive *tar.Reader, root *os.Root) (manifest, error) {
	header, err := archive.Next()
	if err != nil {
		return manifest{}, misread(err)
	}
	if header.Name != manifestEntry || header.Size > 1<<20 {
		return manifest{}, failf(exitUnknownFormat, "the bundle begins with %q, and not with its manifest", header.Name)
	}
	data, err := io.ReadAll(archive)
	if err != nil {
		return manifest{}, misread(err)
	}
	m, err := parseManifest(data)
	if err != nil {
		return m, err
	}
	return m, root.WriteFile(manifestEntry, data, 0o600)
}

// misread is what is authentic and yet no archive.
func misread(err error) error {
	var known *problem
	if errors.As(err, &known) {
		return err
	}
	return &problem{exitUnknownFormat, "what is in the bundle is no archive", err}
}

// writeEntry writes a file that is not synced: in clear, it best never reaches the disk.
func writeEntry(root *os.Root, name string, from io.Reader) error {
	file, err := newEntry(root, name)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := io.CopyBuffer(struct{ io.Writer }{file}, from, make([]byte, 1<<20)); err != nil {
		return err
	}
	return file.Close()
}

// writeHashed hashes an entry while it is written.
func writeHashed(root *os.Root, name string, from io.Reader, into hashing) (hashing, error) {
	file, err := newEntry(root, name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	written, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	beside := follow(written, into)
	_, err = io.CopyBuffer(telling{file, beside.wrote}, from, make([]byte, 1<<20))
	hashed, failed := beside.end()
	return hashed, cmp.Or(err, failed, file.Close())
}

func newEntry(root *os.Root, name string) (*os.File, error) {
	return root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}
