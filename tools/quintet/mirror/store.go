package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/match"
)

// refAnnotation is where the OCI image layout keeps an image's name.
const refAnnotation = "org.opencontainers.image.ref.name"

// store is an OCI layout whose images are found by their full upstream name, registry included.
type store struct {
	path layout.Path
	lock sync.Mutex // the layout's index is one file
}

func openStore(dir string) (*store, error) {
	path, err := layout.FromPath(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		path, err = layout.Write(dir, empty.Index)
	}
	if err != nil {
		return nil, fmt.Errorf("the image store %s cannot be opened: %w", dir, err)
	}
	return &store{path: path}, nil
}

// put adds the image under that name, in place of the one that had it.
func (s *store) put(name string, image v1.Image) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.path.ReplaceImage(image, match.Name(name), layout.WithAnnotations(map[string]string{refAnnotation: name}))
}

// find is the descriptor of the image with that name, or nil.
func (s *store) find(name string) (*v1.Descriptor, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	index, err := s.path.ImageIndex()
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	for _, d := range manifest.Manifests {
		if d.Annotations[refAnnotation] == name {
			return &d, nil
		}
	}
	return nil, nil
}

// blob is the file of a blob or manifest with that digest.
func (s *store) blob(digest v1.Hash) string {
	return filepath.Join(string(s.path), "blobs", digest.Algorithm, digest.Hex)
}
