// Command controller issues and renews certificates: cert-manager's controllers, from a configuration file.
package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	"github.com/cert-manager/cert-manager/internal/apis/config/controller/v1alpha1"
	"github.com/cert-manager/cert-manager/internal/apis/config/controller/validation"
	"github.com/cert-manager/cert-manager/internal/pem"
	"github.com/cert-manager/cert-manager/pkg/controller"
	gateways "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/gateways"
	"github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	"github.com/cert-manager/cert-manager/pkg/controller/configfile"
	"github.com/cert-manager/cert-manager/pkg/healthz"
	"github.com/cert-manager/cert-manager/pkg/issuer/acme/dns/util"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/server"
	"github.com/cert-manager/cert-manager/quintet/command"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	// What issues: each package makes itself known.
	_ "github.com/cert-manager/cert-manager/pkg/issuer/acme"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/vault"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/venafi"
)

func main() {
	command.Main("controller", run)
}

func run(ctx context.Context, path string) error {
	file := configfile.New()
	if err := command.Load(path, file); err != nil {
		return err
	}
	given := file.Config
	problems := validation.ValidateControllerConfiguration(given, nil)
	if err := command.Apply(problems, given.FeatureGates, &given.Logging); err != nil {
		return err
	}
	sizes := given.PEMSizeLimitsConfig
	pem.SetGlobalSizeLimits(pem.NewSizeLimitsFromConfig(
		sizes.MaxCertificateSize, sizes.MaxPrivateKeySize, sizes.MaxChainLength, sizes.MaxBundleSize))
	options, err := optionsOf(given)
	if err != nil {
		return err
	}

	group, ctx := errgroup.WithContext(ctx)
	factory, err := controller.NewContextFactory(ctx, options)
	if err != nil {
		return err
	}
	base, err := factory.Build()
	if err != nil {
		return err
	}
	health := healthz.NewServer(given.LeaderElectionConfig.HealthzTimeout)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", given.HealthzListenAddress)
	if err != nil {
		return err
	}
	group.Go(func() error { return health.Start(ctx, listener) })
	enabled := enabledControllers(given)
	if err := serveMetrics(ctx, group, base, given.MetricsListenAddress, enabled); err != nil {
		return err
	}
	group.Go(func() error {
		if given.LeaderElectionConfig.Enabled {
			if err := lead(ctx, group, factory, given.LeaderElectionConfig, health); err != nil {
				return err
			}
		}
		return startControllers(ctx, group, factory, base, enabled, given)
	})
	return group.Wait()
}

// serveMetrics answers scrapes, of a replica that does not lead too.
func serveMetrics(
	ctx context.Context, group *errgroup.Group, base *controller.Context, address string, enabled sets.Set[string],
) error {
	listener, err := server.Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	informers := base.SharedInformerFactory
	base.Metrics.SetupACMECollector(informers.Acme().V1().Challenges().Lister())
	base.Metrics.SetupCertificateCollector(informers.Certmanager().V1().Certificates().Lister())
	base.Metrics.SetupIssuerCollector(informers.Certmanager().V1().Issuers().Lister())
	if enabled.Has(clusterissuers.ControllerName) {
		base.Metrics.SetupClusterIssuerCollector(informers.Certmanager().V1().ClusterIssuers().Lister())
	}
	metrics := base.Metrics.NewServer(listener)
	group.Go(func() error {
		<-ctx.Done()
		return metrics.Close()
	})
	group.Go(func() error {
		if err := metrics.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	return nil
}

// lead returns once this replica holds the lease; losing it ends the program, as two must not issue at a time.
func lead(
	ctx context.Context, group *errgroup.Group, factory *controller.ContextFactory,
	lease config.LeaderElectionConfig, health *healthz.Server,
) error {
	own, err := factory.Build("leader-election")
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	lock, err := resourcelock.New(resourcelock.LeasesResourceLock, lease.Namespace, "cert-manager-controller",
		own.Client.CoreV1(), own.Client.CoordinationV1(),
		resourcelock.ResourceLockConfig{Identity: host, EventRecorder: own.Recorder})
	if err != nil {
		return err
	}
	elected := make(chan struct{})
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock:            lock,
		LeaseDuration:   lease.LeaseDuration,
		RenewDeadline:   lease.RenewDeadline,
		RetryPeriod:     lease.RetryPeriod,
		ReleaseOnCancel: true,
		WatchDog:        health.LeaderHealthzAdaptor,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { close(elected) },
			OnStoppedLeading: func() {},
		},
	})
	if err != nil {
		return err
	}
	health.LeaderHealthzAdaptor.SetLeaderElection(elector)
	group.Go(func() error {
		elector.Run(ctx)
		if ctx.Err() == nil {
			return errors.New("the lease is lost")
		}
		return nil
	})
	select {
	case <-elected:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// startControllers makes every controller before any informer starts, so that none misses an event.
func startControllers(
	ctx context.Context, group *errgroup.Group, factory *controller.ContextFactory, base *controller.Context,
	enabled sets.Set[string], given *config.ControllerConfiguration,
) error {
	for _, name := range slices.Sorted(maps.Keys(controller.Known())) {
		if !enabled.Has(name) {
			continue
		}
		loop, err := controller.Known()[name](factory)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		group.Go(func() error { return loop.Run(given.NumberOfConcurrentWorkers, ctx) })
	}
	stop := ctx.Done()
	base.SharedInformerFactory.Start(stop)
	base.KubeSharedInformerFactory.Start(stop)
	base.HTTP01ResourceMetadataInformersFactory.Start(stop)
	if given.GatewayAPIConfig.Enabled {
		base.GWShared.Start(stop)
	}
	logf.FromContext(ctx).Info("started", "controllers", sets.List(enabled))
	return nil
}

// enabledControllers reads the list as upstream documents it: "*" for those of the default, a name, and "-" before one.
func enabledControllers(given *config.ControllerConfiguration) sets.Set[string] {
	enabled := sets.New[string]()
	for _, name := range given.Controllers {
		switch {
		case name == "*":
			enabled.Insert(v1alpha1.DefaultEnabledControllers...)
			if given.GatewayAPIConfig.Enabled {
				enabled.Insert(gateways.ControllerName)
			}
		case !strings.HasPrefix(name, "-"):
			enabled.Insert(name)
		}
	}
	for _, name := range given.Controllers {
		if without, ok := strings.CutPrefix(name, "-"); ok {
			enabled.Delete(without)
		}
	}
	return enabled
}

func optionsOf(given *config.ControllerConfiguration) (controller.ContextOptions, error) {
	acme, shim := given.ACMEHTTP01Config, given.IngressShimConfig
	nameservers := given.ACMEDNS01Config.RecursiveNameservers
	if len(nameservers) == 0 {
		nameservers = util.RecursiveNameservers
	}
	quantities := make([]resource.Quantity, 0, 4)
	for _, text := range []string{
		acme.SolverResourceRequestCPU, acme.SolverResourceRequestMemory,
		acme.SolverResourceLimitsCPU, acme.SolverResourceLimitsMemory,
	} {
		quantity, err := resource.ParseQuantity(text)
		if err != nil {
			return controller.ContextOptions{}, fmt.Errorf("acmeHTTP01Config: %q: %w", text, err)
		}
		quantities = append(quantities, quantity)
	}
	return controller.ContextOptions{
		APIServerHost:      given.APIServerHost,
		Kubeconfig:         given.KubeConfig,
		KubernetesAPIQPS:   given.KubernetesAPIQPS,
		KubernetesAPIBurst: given.KubernetesAPIBurst,
		Namespace:          given.Namespace,
		IssuerOptions: controller.IssuerOptions{
			ClusterResourceNamespace:        given.ClusterResourceNamespace,
			ClusterIssuerAmbientCredentials: given.ClusterIssuerAmbientCredentials,
			IssuerAmbientCredentials:        given.IssuerAmbientCredentials,
		},
		ACMEOptions: controller.ACMEOptions{
			HTTP01SolverImage:                 acme.SolverImage,
			HTTP01SolverResourceRequestCPU:    quantities[0],
			HTTP01SolverResourceRequestMemory: quantities[1],
			HTTP01SolverResourceLimitsCPU:     quantities[2],
			HTTP01SolverResourceLimitsMemory:  quantities[3],
			ACMEHTTP01SolverRunAsNonRoot:      acme.SolverRunAsNonRoot,
			HTTP01SolverRuntimeClassName:      acme.SolverRuntimeClassName,
			HTTP01SolverNameservers:           acme.SolverNameservers,
			HTTP01SolverExtraLabels:           acme.SolverExtraLabels,
			DNS01Nameservers:                  nameservers,
			DNS01CheckAuthoritative:           !given.ACMEDNS01Config.RecursiveNameserversOnly,
			DNS01CheckRetryPeriod:             given.ACMEDNS01Config.CheckRetryPeriod,
		},
		IngressShimOptions: controller.IngressShimOptions{
			DefaultIssuerName:                 shim.DefaultIssuerName,
			DefaultIssuerKind:                 shim.DefaultIssuerKind,
			DefaultIssuerGroup:                shim.DefaultIssuerGroup,
			DefaultAutoCertificateAnnotations: shim.DefaultAutoCertificateAnnotations,
			ExtraCertificateAnnotations:       shim.ExtraCertificateAnnotations,
			GatewayAPIExtraProtocols:          sets.New(given.GatewayAPIConfig.ExtraProtocols...),
		},
		CertificateOptions: controller.CertificateOptions{
			EnableOwnerRef:                           given.EnableCertificateOwnerRef,
			CopiedAnnotationPrefixes:                 given.CopiedAnnotationPrefixes,
			CertificateRequestMinimumBackoffDuration: given.CertificateRequestMinimumBackoffDuration,
			CertificateRequestMaximumBackoffDuration: given.CertificateRequestMaximumBackoffDuration,
		},
		SchedulerOptions: controller.SchedulerOptions{MaxConcurrentChallenges: given.MaxConcurrentChallenges},
		ConfigOptions: controller.ConfigOptions{
			EnableGatewayAPI:            given.GatewayAPIConfig.Enabled,
			EnableGatewayAPIListenerSet: given.GatewayAPIConfig.EnableListenerSet,
		},
	}, nil
}
