package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// account is where Kubernetes puts what a pod is known by.
const account = "/var/run/secrets/kubernetes.io/serviceaccount/"

// apiServer is a Kubernetes API, and who we are to it.
type apiServer struct {
	url, ca, token string
	client         *http.Client
}

// apiFlags are for those outside of the cluster: a pod of it needs none.
func apiFlags(flags *flag.FlagSet) *apiServer {
	a := &apiServer{}
	flags.StringVar(&a.url, "server", "", "URL of the API server; a pod's own cluster without it")
	flags.StringVar(&a.ca, "ca", account+"ca.crt", "certificate of its authority")
	flags.StringVar(&a.token, "token", account+"token", "file with the token that it knows us by")
	return a
}

const (
	answerWithin = time.Minute     // one answer, to its last byte
	patience     = 2 * time.Minute // one answer, with every try to get it
)

func (a *apiServer) connect() error {
	if a.url == "" {
		host, port := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
		if host == "" || port == "" {
			return failf(exitFailed, "this is no pod of a cluster: say --server, --ca and --token")
		}
		a.url = "https://" + net.JoinHostPort(host, port)
	}
	a.url = strings.TrimSuffix(a.url, "/")
	if !strings.HasPrefix(a.url, "https://") {
		return failf(exitFailed, "--server %q must begin with https://, since all Secrets come from there", a.url)
	}
	authority, err := os.ReadFile(a.ca)
	if err != nil {
		return &problem{exitFailed, "the certificate of the API server's authority cannot be read", err}
	}
	known := x509.NewCertPool()
	if !known.AppendCertsFromPEM(authority) {
		return failf(exitFailed, "%s holds no certificate", a.ca)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: known}, ForceAttemptHTTP2: true}
	a.client = &http.Client{Transport: transport, Timeout: answerWithin}
	return nil
}

// get reads a path of the API, and tries again what time may heal.
func (a *apiServer) get(ctx context.Context, path, accept string, into any) error {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return retry(limited, func(ctx context.Context) error { return a.ask(ctx, path, accept, into) })
}

func (a *apiServer) ask(ctx context.Context, path, accept string, into any) error {
	token, err := os.ReadFile(a.token) // anew each time: it is renewed while we run
	if err != nil {
		return &problem{exitApiDenied, "the token for the API server cannot be read", err}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url+path, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", accept)
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	request.Header.Set("User-Agent", "etcd-backup/"+version)
	answer, err := a.client.Do(request)
	if err != nil {
		return fmt.Errorf("the API server does not answer: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return a.explain(path, answer)
	}
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		return fmt.Errorf("the answer of the API server to %s broke off: %w", path, err)
	}
	return nil
}

// explain gives a refusal the exit code that it leads to.
func (a *apiServer) explain(path string, answer *http.Response) error {
	var status struct {
		Message string `json:"message"`
	}
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 64<<10)) // whatever came of it
	_ = json.Unmarshal(said, &status)
	why := errors.New(strings.TrimSpace(answer.Status + " " + status.Message))
	path, _, _ = strings.Cut(path, "?")
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return &problem{exitApiDenied, "the API server at " + a.url + " denies the reading of " + path, why}
	case http.StatusNotFound:
		return &problem{exitNotFound, "the API server at " + a.url + " has no " + path, why}
	case http.StatusGone:
		return &problem{exitForgotten, "the API server has forgotten the moment at which it is read", why}
	}
	return fmt.Errorf("the API server at %s answers %s with %w", a.url, path, why)
}
