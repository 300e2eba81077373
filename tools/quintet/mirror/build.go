package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"runtime"
	"sort"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// recipe is one image to build; embedded/images.ts writes the list.
type recipe struct {
	Name       string            `json:"name"`    // full upstream name with its tag
	Files      map[string]string `json:"files"`   // path in the image to path on this machine
	Text       map[string]string `json:"text"`    // path in the image to a small file's content
	Folders    []string          `json:"folders"` // empty folders that any user may write to
	Entrypoint []string          `json:"entrypoint"`
	Command    []string          `json:"command"`
	User       string            `json:"user"`
	WorkingDir string            `json:"workingDir"`
}

func build(s *store, list string) error {
	data, err := os.ReadFile(list)
	if err != nil {
		return fmt.Errorf("the list of images cannot be read: %w", err)
	}
	var recipes []recipe
	if err := json.Unmarshal(data, &recipes); err != nil {
		return fmt.Errorf("the list of images %s is not valid: %w", list, err)
	}
	for _, r := range recipes {
		image, err := r.image()
		if err != nil {
			return fmt.Errorf("image %s: %w", r.Name, err)
		}
		if err := s.put(r.Name, image); err != nil {
			return fmt.Errorf("image %s: %w", r.Name, err)
		}
		fmt.Println(r.Name)
	}
	return nil
}

func (r recipe) image() (v1.Image, error) {
	content, err := r.layer()
	if err != nil {
		return nil, err
	}
	// Not compressed: every node unpacks it for itself, and disk is cheaper here than processor time.
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.AppendLayers(base, static.NewLayer(content, types.OCIUncompressedLayer))
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", runtime.GOARCH
	file.Config = v1.Config{
		Entrypoint: r.Entrypoint, Cmd: r.Command, User: r.User, WorkingDir: r.WorkingDir,
		Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
	}
	return mutate.ConfigFile(image, file)
}

// layer is a tar archive of the files in a fixed order and without times, so that the same files give the same digest.
func (r recipe) layer() ([]byte, error) {
	var buffer bytes.Buffer
	archive := tar.NewWriter(&buffer)
	seen := map[string]bool{}
	add := func(name string, mode int64, kind byte, size int64, body io.Reader) error {
		header := &tar.Header{Name: strings.TrimPrefix(name, "/"), Mode: mode, Typeflag: kind, Size: size}
		if err := archive.WriteHeader(header); err != nil || body == nil {
			return err
		}
		_, err := io.Copy(archive, body)
		return err
	}
	var parents func(name string) error
	parents = func(name string) error {
		dir := path.Dir(name)
		if dir == "/" || dir == "." || seen[dir] {
			return nil
		}
		seen[dir] = true
		if err := parents(dir); err != nil {
			return err
		}
		return add(dir+"/", 0o755, tar.TypeDir, 0, nil)
	}
	for _, folder := range r.Folders {
		seen[folder] = true
		if err := parents(folder); err != nil {
			return nil, err
		}
		if err := add(folder+"/", 0o1777, tar.TypeDir, 0, nil); err != nil {
			return nil, err
		}
	}
	for _, name := range sortedKeys(r.Text) {
		if err := parents(name); err != nil {
			return nil, err
		}
		text := r.Text[name]
		if err := add(name, 0o644, tar.TypeReg, int64(len(text)), strings.NewReader(text)); err != nil {
			return nil, err
		}
	}
	for _, name := range sortedKeys(r.Files) {
		if err := parents(name); err != nil {
			return nil, err
		}
		body, err := os.ReadFile(r.Files[name])
		if err != nil {
			return nil, err
		}
		if err := add(name, 0o755, tar.TypeReg, int64(len(body)), bytes.NewReader(body)); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
