package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// s3Settings say where a bucket is; the credentials, or where they are handed out, are in the environment.
type s3Settings struct{ endpoint, bucket, region, prefix *string }

func s3Flags(flags *flag.FlagSet) s3Settings {
	return s3Settings{
		endpoint: flags.String("s3-endpoint", "", "URL of the S3 service, as https://s3.eu-central-1.amazonaws.com"),
		bucket:   flags.String("s3-bucket", "", "bucket"),
		region:   flags.String("s3-region", "us-east-1", "region"),
		prefix:   flags.String("s3-prefix", "", "what the names in the bucket begin with"),
	}
}

func (s s3Settings) given() bool { return *s.endpoint != "" || *s.bucket != "" }

// bucket is the shelf in S3.
type bucket struct {
	client       *minio.Client
	name, prefix string
}

func (s s3Settings) open(cluster string) (*bucket, error) {
	if *s.endpoint == "" || *s.bucket == "" {
		return nil, failf(exitFailed, "--s3-endpoint and --s3-bucket are missing")
	}
	at, err := url.Parse(*s.endpoint)
	if err != nil || (at.Scheme != "http" && at.Scheme != "https") || at.Host == "" || strings.Trim(at.Path, "/") != "" {
		return nil, failf(exitFailed, "--s3-endpoint %q is no URL of a service: write it like https://s3.example.com", *s.endpoint)
	}
	own, err := login()
	if err != nil {
		return nil, err
	}
	client, err := minio.New(at.Host, &minio.Options{
		Creds:  own,
		Secure: at.Scheme == "https",
		Region: *s.region,
		// Retried by retry, which knows what is worth it and until when.
		MaxRetries: 1,
	})
	if err != nil {
		return nil, err
	}
	return &bucket{client, *s.bucket, path.Join(*s.prefix, cluster) + "/"}, nil
}

// login is a key, or the role that EKS hands out to a pod, by either of its two ways.
func login() (*credentials.Credentials, error) {
	if id, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"); id != "" && secret != "" {
		return credentials.NewStaticV4(id, secret, os.Getenv("AWS_SESSION_TOKEN")), nil
	}
	for _, way := range []string{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_WEB_IDENTITY_TOKEN_FILE"} {
		if os.Getenv(way) != "" {
			return credentials.NewIAM(""), nil
		}
	}
	return nil, failf(exitDenied, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and this is no pod that a role is handed out to")
}

func (b *bucket) String() string { return "s3://" + b.name + "/" + b.prefix }

func (b *bucket) names(ctx context.Context) ([]string, error) {
	var names []string
	for object := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix}) {
		if object.Err != nil {
			return nil, b.explain(object.Err)
		}
		names = append(names, strings.TrimPrefix(object.Key, b.prefix))
	}
	return names, nil
}

func (b *bucket) read(ctx context.Context, name string) ([]byte, error) {
	object, err := b.client.GetObject(ctx, b.name, b.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, b.explain(err)
	}
	defer object.Close()
	data, err := io.ReadAll(io.LimitReader(object, 1<<20))
	return data, b.explain(err)
}

// download writes an object to a file that is there whole or not at all.
func (b *bucket) download(ctx context.Context, name, to string) error {
	object, err := b.client.GetObject(ctx, b.name, b.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return b.explain(err)
	}
	defer object.Close()
	info, err := object.Stat()
	if err != nil {
		return b.explain(err)
	}
	if err := reserve(filepath.Dir(to), info.Size); err != nil {
		return err
	}
	return writeWhole(to, 0o600, func(file *os.File) error {
		written, err := io.CopyBuffer(struct{ io.Writer }{file}, struct{ io.Reader }{object}, make([]byte, 1<<20))
		if err == nil && written != info.Size {
			err = io.ErrUnexpectedEOF
		}
		return b.explain(err)
	})
}

// upload puts a file there and asks S3 how much of it has arrived.
func (b *bucket) upload(ctx context.Context, file, name string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	options := minio.PutObjectOptions{ContentType: "application/octet-stream", NumThreads: 2, PartSize: 32 << 20}
	if _, err := b.client.FPutObject(ctx, b.name, b.prefix+name, file, options); err != nil {
		return b.refusal(ctx, err)
	}
	there, err := b.client.StatObject(ctx, b.name, b.prefix+name, minio.StatObjectOptions{})
	if err != nil {
		return b.explain(err)
	}
	if there.Size != info.Size() {
		return fmt.Errorf("%s%s has %d bytes, and %d were sent", b, name, there.Size, info.Size())
	}
	return nil
}

func (b *bucket) put(ctx context.Context, name string, data []byte) error {
	options := minio.PutObjectOptions{ContentType: "application/json"}
	_, err := b.client.PutObject(ctx, b.name, b.prefix+name, bytes.NewReader(data), int64(len(data)), options)
	return b.explain(err)
}

func (b *bucket) remove(ctx context.Context, name string) error {
	return b.explain(b.client.RemoveObject(ctx, b.name, b.prefix+name, minio.RemoveObjectOptions{}))
}

// refusal is why S3 has not taken a body. Whoever refuses one may close the connection while it is still being sent, and
// the answer is lost with it; a question without a body is answered.
func (b *bucket) refusal(ctx context.Context, err error) error {
	var answer minio.ErrorResponse
	if errors.As(err, &answer) {
		return b.explain(err)
	}
	asking, cancel := context.WithCancel(ctx)
	defer cancel()
	for object := range b.client.ListObjects(asking, b.name, minio.ListObjectsOptions{Prefix: b.prefix, MaxKeys: 1}) {
		if explained := b.explain(object.Err); explained != nil && !worthRetrying(explained) {
			return explained
		}
		break
	}
	return err
}

// explain gives the answers of S3 the exit code that they lead to.
func (b *bucket) explain(err error) error {
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) {
		return err
	}
	switch {
	case answer.Code == minio.NoSuchKey:
		return &problem{exitNotFound, "there is no " + answer.Key + " in " + b.String(), nil}
	case answer.Code == minio.NoSuchBucket:
		return &problem{exitNotFound, "there is no bucket " + b.name, nil}
	case answer.StatusCode == http.StatusForbidden || answer.StatusCode == http.StatusUnauthorized:
		return &problem{exitDenied, "S3 denies the access to " + b.String() + " (" + answer.Code + ")", nil}
	}
	return err
}

// worthRetrying is whatever time may heal: a "no" of S3 or of the API server is none of it.
func worthRetrying(err error) bool {
	switch exitCode(err) {
	case exitDenied, exitNotFound, exitDiskFull, exitApiDenied, exitForgotten:
		return false
	}
	return true
}

const firstWait, longestWait = time.Second, 30 * time.Second

// retry waits twice as long after each failure, until the context ends; the last failure before is then what went wrong.
func retry(ctx context.Context, what func(context.Context) error) error {
	var before error
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		err := what(ctx)
		if err == nil || !worthRetrying(err) {
			return err
		}
		if ctx.Err() != nil && before != nil {
			return before
		}
		before = err
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

type fetched struct {
	Name   string `json:"name"`
	Bundle string `json:"bundle"`
}

func (f fetched) String() string { return f.Name + "\nfetched to " + f.Bundle }

func runFetch(ctx context.Context, flags *flag.FlagSet, args []string) (fmt.Stringer, error) {
	cluster := flags.String("cluster-id", "", "whose snapshot: the uid of the cluster's namespace kube-system")
	name := flags.String("name", "latest", "name of the bundle, or latest")
	output := flags.String("output", "", "file to write; the manifest comes beside it")
	remote := s3Flags(flags)
	if err := parse(flags, args, "cluster-id", "output"); err != nil {
		return nil, err
	}
	from, err := remote.open(*cluster)
	if err != nil {
		return nil, err
	}
	wanted, known := stemOf(*name)
	if *name == "latest" {
		found, err := take(ctx, from)
		if err != nil {
			return nil, err
		}
		if len(found.whole) == 0 {
			return nil, failf(exitNotFound, "there is no snapshot in %s", from)
		}
		wanted = found.whole[0]
	} else if !known {
		return nil, failf(exitNotFound, "%q is no name of a bundle", *name)
	}
	beside := strings.TrimSuffix(*output, bundleSuffix) + manifestSuffix
	for source, target := range map[string]string{wanted + bundleSuffix: *output, wanted + manifestSuffix: beside} {
		if err := from.download(ctx, source, target); err != nil {
			return nil, err
		}
	}
	return fetched{wanted + bundleSuffix, *output}, nil
}
