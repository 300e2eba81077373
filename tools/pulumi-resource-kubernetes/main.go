// Command pulumi-resource-kubernetes serves the Kubernetes resource provider over gRPC.
//
// The schema and the Terraform mapping are part of the provider's module. The build compacts them to the two
// files embedded here (tools.ts says how), because a module's data files cannot be embedded from outside it.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema-embed.json
var schema []byte

//go:embed terraform-mapping-embed.json
var terraformMapping []byte

func main() {
	provider.Serve("kubernetes", version.Version, schema, terraformMapping)
}
