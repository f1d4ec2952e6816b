package main

import (
	"net"
	"strconv"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
)

const (
	clusterName = "active"
	// clusterID is kept in the database at its first start and must not change afterwards.
	clusterID = "7d0f1b0e-52a5-4b0a-9d55-3c1c8f6f2a41"
	storeName = "sqlite"
)

// newServer puts the four services of Temporal into this process. They find each other by fixed addresses, so no
// membership protocol runs and a start takes a second or two.
func newServer(s settings) (temporal.Server, error) {
	store, err := database(s)
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(s.ip, 3)
	if err != nil {
		return nil, err
	}
	services := map[primitives.ServiceName]int{
		primitives.FrontendService: s.port,
		primitives.HistoryService:  ports[0],
		primitives.MatchingService: ports[1],
		primitives.WorkerService:   ports[2],
	}
	hosts := make(map[primitives.ServiceName]static.Hosts, len(services))
	for name, port := range services {
		hosts[name] = static.SingleLocalHost(net.JoinHostPort(s.ip, strconv.Itoa(port)))
	}
	return temporal.NewServer(
		temporal.WithConfig(serverConfig(s, store, services)),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts),
		temporal.WithDynamicConfigClient(dynamicSettings(s)),
		temporal.WithLogger(log.NewZapLogger(log.BuildZapLogger(log.Config{Level: s.logLevel, Format: "json"}))),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return authorization.NewNoopClaimMapper() }),
	)
}

func serverConfig(s settings, store *config.SQL, services map[primitives.ServiceName]int) *config.Config {
	frontend := net.JoinHostPort(s.ip, strconv.Itoa(s.port))
	c := &config.Config{
		Global: config.Global{Membership: config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: s.ip}},
		Persistence: config.Persistence{
			DefaultStore:     storeName,
			VisibilityStore:  storeName,
			NumHistoryShards: 1, // SQLite writes with one connection anyway
			DataStores:       map[string]config.DataStore{storeName: {SQL: store}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: frontend, ClusterID: clusterID},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            make(map[string]config.Service, len(services)),
		PublicClient:        config.PublicClient{HostPort: frontend},
	}
	for name, port := range services {
		c.Services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: s.ip}}
	}
	c.Archival.History.State = "disabled"
	c.Archival.Visibility.State = "disabled"
	c.NamespaceDefaults.Archival.History.State = "disabled"
	c.NamespaceDefaults.Archival.Visibility.State = "disabled"
	return c
}

// dynamicSettings are the server's defaults but for what a sandbox on one machine needs otherwise.
func dynamicSettings(s settings) dynamicconfig.StaticClient {
	values := dynamicconfig.StaticClient{
		// As on SQL stores in production, where ids are columns of that length.
		dynamicconfig.MaxIDLengthLimit.Key(): 255,
		// A new namespace, and search attributes new to one, work after a second instead of ten.
		dynamicconfig.NamespaceCacheRefreshInterval.Key(): time.Second,
		// Ten look-ups in a second, the default, is less than one impatient test makes.
		dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key():                       1000,
		dynamicconfig.FrontendMaxNamespaceNamespaceReplicationInducingAPIsRPSPerInstance.Key(): 100,
		// One partition: with little load more of them only make a task wait for the poller of another.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
		// One shard reads its queue alone, where in production many do, each as often. At the default, 20 times a second, a
		// step that follows others closely waits up to 50 ms before anybody knows of it.
		dynamicconfig.TransferProcessorMaxPollRPS.Key(): 1000,
		// Housekeeping of large installations.
		dynamicconfig.HistoryScannerEnabled.Key():    false,
		dynamicconfig.TaskQueueScannerEnabled.Key():  false,
		dynamicconfig.ExecutionsScannerEnabled.Key(): false,
		dynamicconfig.BuildIdScavengerEnabled.Key():  false,
	}
	if s.runEvents > 0 {
		values[dynamicconfig.HistoryCountSuggestContinueAsNew.Key()] = s.runEvents
	}
	return values
}

func newUI(s settings) *uiserver.Server {
	return uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
		Host:                s.ip,
		Port:                s.uiPort,
		TemporalGRPCAddress: net.JoinHostPort(s.ip, strconv.Itoa(s.port)),
		EnableUI:            true,
		DefaultNamespace:    s.namespace,
		CORS:                uiconfig.CORS{CookieInsecure: true}, // plain http on loopback
		HideLogs:            true,
		DisableNewsFetch:    true, // the sandbox calls nobody outside this machine
	}))
}
