// Command acmesolver answers one challenge of an ACME server over HTTP, in a pod that the controller makes for it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cert-manager/cert-manager/pkg/issuer/acme/http/solver"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/util"
)

func main() {
	challenge := &solver.HTTP01Solver{}
	flag.IntVar(&challenge.ListenPort, "listen-port", 8089, "where it listens")
	flag.StringVar(&challenge.Domain, "domain", "", "the name that is asked for")
	flag.StringVar(&challenge.Token, "token", "", "the challenge's token")
	flag.StringVar(&challenge.Key, "key", "", "its answer")
	version := flag.Bool("version", false, "print the version and end")
	flag.Parse()
	if *version {
		fmt.Println(util.VersionInfo().GitVersion)
		return
	}
	logf.InitLogs()
	defer logf.FlushLogs()
	stopped, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-stopped.Done()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = challenge.Shutdown(ctx) // what is still open then ends with the pod
	}()
	if err := challenge.Listen(logf.Log); !errors.Is(err, http.ErrServerClosed) {
		logf.Log.Error(err, "cannot listen")
		logf.FlushLogs()
		os.Exit(1)
	}
}
