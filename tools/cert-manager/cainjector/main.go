// Command cainjector writes the CA of a Secret or a Certificate into webhooks and other objects that ask for it.
package main

import (
	"context"

	"github.com/cert-manager/cert-manager/internal/apis/config/cainjector/validation"
	"github.com/cert-manager/cert-manager/pkg/cainjector/configfile"
	cmscheme "github.com/cert-manager/cert-manager/pkg/client/clientset/versioned/scheme"
	"github.com/cert-manager/cert-manager/pkg/controller/cainjector"
	"github.com/cert-manager/cert-manager/pkg/util"
	"github.com/cert-manager/cert-manager/quintet/command"
	corev1 "k8s.io/api/core/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

func main() {
	command.Main("cainjector", run)
}

func run(ctx context.Context, path string) error {
	file := configfile.New()
	if err := command.Load(path, file); err != nil {
		return err
	}
	config := file.Config
	problems := validation.ValidateCAInjectorConfiguration(config, nil)
	if err := command.Apply(problems, config.FeatureGates, &config.Logging); err != nil {
		return err
	}
	kinds := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		scheme.AddToScheme, cmscheme.AddToScheme, apiextensions.AddToScheme, apiregistration.AddToScheme,
	} {
		if err := add(kinds); err != nil {
			return err
		}
	}
	rest, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	var namespaces map[string]cache.Config
	if config.Namespace != "" {
		namespaces = map[string]cache.Config{config.Namespace: {}}
	}
	lease := config.LeaderElectionConfig
	manager, err := ctrl.NewManager(util.RestConfigWithUserAgent(rest, "cainjector"), ctrl.Options{
		Scheme: kinds,
		Cache:  cache.Options{ReaderFailOnMissingInformer: true, DefaultNamespaces: namespaces},
		// Only the metadata of Secrets is watched: a cache of them would hold every Secret of the cluster.
		Client:                        client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
		LeaderElection:                lease.Enabled,
		LeaderElectionNamespace:       lease.Namespace,
		LeaderElectionID:              "cert-manager-cainjector-leader-election",
		LeaderElectionReleaseOnCancel: true,
		LeaseDuration:                 &lease.LeaseDuration,
		RenewDeadline:                 &lease.RenewDeadline,
		RetryPeriod:                   &lease.RetryPeriod,
		Metrics:                       server.Options{BindAddress: config.MetricsListenAddress},
	})
	if err != nil {
		return err
	}
	targets := config.EnableInjectableConfig
	if err := cainjector.RegisterAllInjectors(ctx, manager, cainjector.SetupOptions{
		Namespace:                    config.Namespace,
		IgnoreNamespaces:             config.IgnoreNamespaces,
		EnableCertificatesDataSource: config.EnableDataSourceConfig.Certificates,
		EnabledReconcilersFor: map[string]bool{
			cainjector.MutatingWebhookConfigurationName:   targets.MutatingWebhookConfigurations,
			cainjector.ValidatingWebhookConfigurationName: targets.ValidatingWebhookConfigurations,
			cainjector.APIServiceName:                     targets.APIServices,
			cainjector.CustomResourceDefinitionName:       targets.CustomResourceDefinitions,
		},
	}); err != nil {
		return err
	}
	return manager.Start(ctx)
}
