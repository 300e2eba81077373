// Command webhook validates cert-manager's objects and says who has asked for a certificate.
package main

import (
	"context"

	"github.com/cert-manager/cert-manager/internal/apis/config/webhook/validation"
	"github.com/cert-manager/cert-manager/internal/webhook"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/webhook/configfile"
	"github.com/cert-manager/cert-manager/quintet/command"
)

func main() {
	command.Main("webhook", run)
}

func run(ctx context.Context, path string) error {
	file := configfile.New()
	if err := command.Load(path, file); err != nil {
		return err
	}
	config := file.Config
	problems := validation.ValidateWebhookConfiguration(config, nil)
	if err := command.Apply(problems, config.FeatureGates, &config.Logging); err != nil {
		return err
	}
	server, err := webhook.NewCertManagerWebhookServer(logf.FromContext(ctx), *config)
	if err != nil {
		return err
	}
	return server.Run(ctx)
}
