// Package command is what the programs of cert-manager have in common: one configuration file, and an end on a signal.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/util"
	"github.com/cert-manager/cert-manager/pkg/util/configfile"
	"github.com/cert-manager/cert-manager/pkg/util/feature"
	"k8s.io/apimachinery/pkg/util/validation/field"
	logsapi "k8s.io/component-base/logs/api/v1"
	ctrl "sigs.k8s.io/controller-runtime"
)

// Main runs a program with the path of its configuration, upstream's flag --config, until it ends or is told to.
func Main(name string, run func(ctx context.Context, config string) error) {
	config := flag.String("config", "", "path of the configuration file")
	version := flag.Bool("version", false, "print the version and end")
	flag.Parse()
	if *version {
		fmt.Println(util.VersionInfo().GitVersion)
		return
	}
	logf.InitLogs()
	defer logf.FlushLogs()
	ctrl.SetLogger(logf.Log)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx = logf.NewContext(ctx, logf.Log, name)
	if err := run(ctx, *config); err != nil && !errors.Is(err, context.Canceled) {
		logf.FromContext(ctx).Error(err, "has ended", "version", util.VersionInfo().GitVersion)
		logf.FlushLogs()
		os.Exit(1)
	}
}

// Load reads a configuration file into one of cert-manager's kinds.
func Load(path string, into configfile.ConfigFile) error {
	if path == "" {
		return errors.New("--config is missing")
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	loader, err := configfile.NewConfigurationFSLoader(nil, absolute)
	if err != nil {
		return err
	}
	if err := loader.Load(into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// Apply refuses a configuration with problems, and sets what is global to the process.
func Apply(problems field.ErrorList, gates map[string]bool, logging *logsapi.LoggingConfiguration) error {
	if err := problems.ToAggregate(); err != nil {
		return err
	}
	if err := feature.DefaultMutableFeatureGate.SetFromMap(gates); err != nil {
		return err
	}
	return logf.ValidateAndApply(logging)
}
