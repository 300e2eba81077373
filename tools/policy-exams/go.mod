module quintet.dev/tools/policy-exams

go 1.26.0

require (
	github.com/Shopify/kubeaudit v0.22.0
	github.com/aquasecurity/trivy-checks v1.10.0
	github.com/datreeio/datree v1.9.19
	github.com/kubescape/regolibrary/v2 v2.0.1
	github.com/zegl/kube-score v1.20.0
)
