package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

const upstreamDeadline = 10 * time.Minute // a large image over a slow line

// request is the part of the registry protocol that a pull needs.
var request = regexp.MustCompile(`^/v2/(.+)/(manifests|blobs)/([^/]+)$`)

func serve(s *store, listen string, upstream bool) error {
	if listen == "" {
		return fmt.Errorf("-listen is needed")
	}
	server := &http.Server{
		Addr:              listen,
		ReadHeaderTimeout: 10 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := s.answer(w, r, upstream); err != nil {
				log.Printf("%s %s: %v", r.Method, r.URL, err)
				http.Error(w, err.Error(), http.StatusBadGateway)
			}
		}),
	}
	log.Printf("serving on %s, upstream %v", listen, upstream)
	return server.ListenAndServe()
}

func (s *store) answer(w http.ResponseWriter, r *http.Request, upstream bool) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "this mirror is read-only", http.StatusMethodNotAllowed)
		return nil
	}
	if r.URL.Path == "/v2/" {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	part := request.FindStringSubmatch(r.URL.Path)
	if part == nil {
		http.NotFound(w, r)
		return nil
	}
	repository, kind, reference := part[1], part[2], part[3]
	if registry := r.URL.Query().Get("ns"); registry != "" {
		repository = registry + "/" + repository
	}
	if kind == "blobs" {
		digest, err := v1.NewHash(reference)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return nil
		}
		return s.file(w, r, digest, "application/octet-stream")
	}
	return s.manifest(w, r, repository, reference, upstream)
}

func (s *store) manifest(w http.ResponseWriter, r *http.Request, repository, reference string, upstream bool) error {
	if digest, err := v1.NewHash(reference); err == nil {
		if _, err := os.Stat(s.blob(digest)); err == nil || !upstream {
			return s.file(w, r, digest, "application/vnd.oci.image.manifest.v1+json")
		}
	}
	full := repository + ":" + reference
	if strings.Contains(reference, ":") {
		full = repository + "@" + reference
	}
	found, err := s.find(full)
	if err != nil {
		return err
	}
	if found == nil && upstream {
		if found, err = s.fetch(r.Context(), full); err != nil {
			return err
		}
	}
	if found == nil {
		http.Error(w, fmt.Sprintf("%s is not in this mirror", full), http.StatusNotFound)
		return nil
	}
	return s.file(w, r, found.Digest, string(found.MediaType))
}

// fetch copies an image of this machine's platform from the registry that it names.
func (s *store) fetch(ctx context.Context, full string) (*v1.Descriptor, error) {
	reference, err := name.ParseReference(full)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, upstreamDeadline)
	defer cancel()
	platform := v1.Platform{OS: "linux", Architecture: runtime.GOARCH}
	image, err := remote.Image(reference, remote.WithContext(ctx), remote.WithPlatform(platform))
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", full, err)
	}
	if err := s.put(full, image); err != nil {
		return nil, fmt.Errorf("keep %s: %w", full, err)
	}
	log.Printf("fetched %s", full)
	return s.find(full)
}

func (s *store) file(w http.ResponseWriter, r *http.Request, digest v1.Hash, mediaType string) error {
	file, err := os.Open(s.blob(digest))
	if os.IsNotExist(err) {
		http.Error(w, fmt.Sprintf("%s is not in this mirror", digest), http.StatusNotFound)
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Docker-Content-Digest", digest.String())
	w.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	http.ServeContent(w, r, "", info.ModTime(), file)
	return nil
}
