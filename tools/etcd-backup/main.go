// Command etcd-backup takes snapshots of etcd, or of the objects of an API, that only the holder of a key can read, keeps
// them on a node's disk and in S3, and opens them again: docs/decisions/0018-etcd-backups-are-one-program.md.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// version is set by the linker.
var version = "0.0.0"

const usage = `Usage: etcd-backup COMMAND [FLAGS]

  save   takes a snapshot, encrypts it, keeps it here and in S3, and removes what is too old
  export does the same with the objects of a cluster whose etcd is somebody else's, in S3 alone
  list   the snapshots in a folder or in S3, newest first
  fetch  brings one snapshot from S3
  open   decrypts a snapshot into a folder, once everything about it has been verified

Credentials for S3 are the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
etcd-backup COMMAND --help shows the flags.
`

// command reads its flags and does its work; what it returns is shown as JSON or by its String method.
type command func(ctx context.Context, flags *flag.FlagSet, args []string) (fmt.Stringer, error)

var commands = map[string]command{"save": runSave, "export": runExport, "list": runList, "fetch": runFetch, "open": runOpen}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && (args[0] == "version" || args[0] == "--version") {
		fmt.Fprintln(stdout, "etcd-backup", version)
		return 0
	}
	if len(args) == 0 || commands[args[0]] == nil {
		fmt.Fprint(stderr, usage)
		return exitFailed
	}
	flags := flag.NewFlagSet("etcd-backup "+args[0], flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print the result as JSON")
	result, err := commands[args[0]](ctx, flags, args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if result != nil {
		if *asJSON {
			encoder := json.NewEncoder(stdout)
			encoder.SetIndent("", "  ")
			if failed := encoder.Encode(result); failed != nil {
				err = errors.Join(err, failed)
			}
		} else {
			fmt.Fprintln(stdout, result)
		}
	}
	if err != nil {
		fmt.Fprintln(stderr, sentence(err))
		return exitCode(err)
	}
	return 0
}

// list is a flag that may be given more than once.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

// parse reads the flags and refuses what is left over or missing.
func parse(flags *flag.FlagSet, args []string, required ...string) error {
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return &problem{exitFailed, "the flags cannot be read", err}
	}
	if flags.NArg() > 0 {
		return &problem{exitFailed, fmt.Sprintf("%q is no flag", flags.Arg(0)), nil}
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = f.Value.String() != "" })
	missing := slices.DeleteFunc(slices.Clone(required), func(name string) bool { return given[name] })
	if len(missing) > 0 {
		return &problem{exitFailed, "--" + strings.Join(missing, " and --") + " is missing", nil}
	}
	return nil
}
