// Package validate builds every overlay of deploy/kubernetes and reads the result with the types of Kubernetes' own API,
// strictly: a field that does not exist, or stands where it does not belong, fails. There is no cluster in this.
//
// It is a module of its own, so that neither Kubernetes nor Kustomize reaches ours.
package validate

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// withKeda is no folder: the component in the overlay that it was written for.
const withKeda = "own-server-with-keda"

// overlays are the folders, and the one more.
func overlays(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("../overlays")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{withKeda}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// installation is what an overlay applies, by kind and name.
type installation struct {
	deployments map[string]appsv1.Deployment
	workers     map[string]workerDeployment
	jobs        map[string]batchv1.Job
	services    map[string]corev1.Service
	budgets     map[string]policyv1.PodDisruptionBudget
	policies    map[string]networkingv1.NetworkPolicy
	scalers     map[string]autoscalingv2.HorizontalPodAutoscaler
	queues      map[string]scaledObject
	settings    map[string]string // of the ConfigMap tampuuri-hillava
	others      []string          // kind/name of the rest
}

// What the controllers' own resources may hold, as far as it is used here.
type (
	workerDeployment struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              struct {
			Replicas      *int32                 `json:"replicas"`
			Template      corev1.PodTemplateSpec `json:"template"`
			WorkerOptions struct {
				ConnectionRef     struct{ Name string } `json:"connectionRef"`
				TemporalNamespace string                `json:"temporalNamespace"`
			} `json:"workerOptions"`
			Rollout struct {
				Strategy string `json:"strategy"`
				Steps    []struct {
					RampPercentage int             `json:"rampPercentage"`
					PauseDuration  metav1.Duration `json:"pauseDuration"`
				} `json:"steps"`
			} `json:"rollout"`
			Sunset struct {
				ScaledownDelay metav1.Duration `json:"scaledownDelay"`
				DeleteDelay    metav1.Duration `json:"deleteDelay"`
			} `json:"sunset"`
		} `json:"spec"`
	}
	connection struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              struct {
			HostPort string `json:"hostPort"`
		} `json:"spec"`
	}
	scaledObject struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              struct {
			ScaleTargetRef  struct{ Name string } `json:"scaleTargetRef"`
			MinReplicaCount int                   `json:"minReplicaCount"`
			MaxReplicaCount int                   `json:"maxReplicaCount"`
			Triggers        []struct {
				Type     string            `json:"type"`
				Metadata map[string]string `json:"metadata"`
			} `json:"triggers"`
		} `json:"spec"`
	}
)

// build renders an overlay as kubectl apply --kustomize would.
func build(t *testing.T, overlay string) installation {
	t.Helper()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files(t), "/kubernetes/overlays/"+overlay)
	if err != nil {
		t.Fatalf("%s: %v", overlay, err)
	}
	i := installation{
		deployments: map[string]appsv1.Deployment{}, workers: map[string]workerDeployment{}, jobs: map[string]batchv1.Job{},
		services: map[string]corev1.Service{}, budgets: map[string]policyv1.PodDisruptionBudget{}, policies: map[string]networkingv1.NetworkPolicy{},
		scalers: map[string]autoscalingv2.HorizontalPodAutoscaler{}, queues: map[string]scaledObject{},
	}
	for _, resource := range resources.Resources() {
		text, err := resource.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		name := resource.GetName()
		switch kind := resource.GetApiVersion() + " " + resource.GetKind(); kind {
		case "apps/v1 Deployment":
			i.deployments[name] = read[appsv1.Deployment](t, text)
		case "temporal.io/v1alpha1 WorkerDeployment":
			i.workers[name] = read[workerDeployment](t, text)
		case "temporal.io/v1alpha1 Connection":
			read[connection](t, text)
			i.others = append(i.others, "Connection/"+name)
		case "keda.sh/v1alpha1 ScaledObject":
			i.queues[name] = read[scaledObject](t, text)
		case "batch/v1 Job":
			i.jobs[name] = read[batchv1.Job](t, text)
		case "v1 Service":
			i.services[name] = read[corev1.Service](t, text)
		case "policy/v1 PodDisruptionBudget":
			i.budgets[name] = read[policyv1.PodDisruptionBudget](t, text)
		case "networking.k8s.io/v1 NetworkPolicy":
			i.policies[name] = read[networkingv1.NetworkPolicy](t, text)
		case "autoscaling/v2 HorizontalPodAutoscaler":
			i.scalers[name] = read[autoscalingv2.HorizontalPodAutoscaler](t, text)
		case "v1 ConfigMap":
			if content := read[corev1.ConfigMap](t, text); strings.HasPrefix(name, "tampuuri-hillava-") {
				i.settings = content.Data
			}
		case "v1 Namespace":
			read[corev1.Namespace](t, text)
		case "v1 ServiceAccount":
			read[corev1.ServiceAccount](t, text)
			i.others = append(i.others, "ServiceAccount/"+name)
		default:
			t.Errorf("%s: %s %s: no type to read it with", overlay, kind, name)
		}
		if resource.GetKind() != "Namespace" && resource.GetNamespace() != "tampuuri-hillava" {
			t.Errorf("%s: %s %s is in namespace %q", overlay, resource.GetKind(), name, resource.GetNamespace())
		}
	}
	return i
}

func read[T any](t *testing.T, text []byte) T {
	t.Helper()
	var object T
	if err := yaml.UnmarshalStrict(text, &object); err != nil {
		t.Errorf("%v in\n%s", err, text)
	}
	return object
}

// files are those of deploy/, with the overlay that only this test has.
func files(t *testing.T) filesys.FileSystem {
	t.Helper()
	all := filesys.MakeFsInMemory()
	for _, folder := range []string{"kubernetes", "temporal"} {
		err := filepath.WalkDir(filepath.Join("../..", folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return all.WriteFile("/"+strings.TrimPrefix(filepath.ToSlash(path), "../../"), content)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	overlay := "resources: [../own-server]\ncomponents: [../../components/keda]\nnamespace: tampuuri-hillava\n"
	if err := all.WriteFile("/kubernetes/overlays/"+withKeda+"/kustomization.yaml", []byte(overlay)); err != nil {
		t.Fatal(err)
	}
	return all
}

// pods are the templates of all that makes pods.
func (i installation) pods() map[string]corev1.PodTemplateSpec {
	all := map[string]corev1.PodTemplateSpec{}
	for name, one := range i.deployments {
		all["Deployment/"+name] = one.Spec.Template
	}
	for name, one := range i.workers {
		all["WorkerDeployment/"+name] = one.Spec.Template
	}
	for name, one := range i.jobs {
		all["Job/"+name] = one.Spec.Template
	}
	return all
}

// TestEveryOverlayBuildsAndIsOfTheKubernetesAPI also finds that both programs are there in each.
func TestEveryOverlayBuildsAndIsOfTheKubernetesAPI(t *testing.T) {
	for _, overlay := range overlays(t) {
		pods := build(t, overlay).pods()
		_, deployed := pods["Deployment/worker"]
		_, controlled := pods["WorkerDeployment/worker"]
		if deployed == controlled {
			t.Errorf("%s: one of Deployment and WorkerDeployment runs the workers", overlay)
		}
		if _, ok := pods["Deployment/webhook"]; !ok {
			t.Errorf("%s: no webhook receiver", overlay)
		}
	}
}

func TestPodsHaveNoMoreRightsThanTheyNeed(t *testing.T) {
	for _, overlay := range overlays(t) {
		for name, pod := range build(t, overlay).pods() {
			spec := pod.Spec
			check := func(holds bool, what string) {
				if !holds {
					t.Errorf("%s: %s: %s", overlay, name, what)
				}
			}
			check(is(spec.EnableServiceLinks, false), "enableServiceLinks")
			check(is(spec.AutomountServiceAccountToken, false), "automountServiceAccountToken")
			check(spec.SecurityContext != nil && is(spec.SecurityContext.RunAsNonRoot, true) && spec.SecurityContext.SeccompProfile != nil, "securityContext of the pod")
			check(strings.HasPrefix(name, "Job/") || spec.TerminationGracePeriodSeconds != nil && *spec.TerminationGracePeriodSeconds >= 45, "terminationGracePeriodSeconds")
			for _, container := range spec.Containers {
				rights := container.SecurityContext
				check(rights != nil && is(rights.AllowPrivilegeEscalation, false) && is(rights.ReadOnlyRootFilesystem, true), "securityContext")
				check(rights != nil && rights.Capabilities != nil && slices.Equal(rights.Capabilities.Drop, []corev1.Capability{"ALL"}), "capabilities")
				check(!container.Resources.Limits.Memory().IsZero(), "limits.memory")
				check(regexp.MustCompile(`:\d+\.\d+`).MatchString(container.Image), "an image without its version: "+container.Image)
				for _, mount := range container.VolumeMounts {
					check(mount.ReadOnly || mount.Name == "tmp", "the mount of "+mount.Name+" can be written")
					check(mount.SubPath == "", "a subPath never sees a change")
				}
			}
		}
	}
}

func is(value *bool, wanted bool) bool { return value != nil && *value == wanted }

// TestSelectorsFindPods: a budget, a Service or a policy that selects nothing is silently without effect.
func TestSelectorsFindPods(t *testing.T) {
	for _, overlay := range overlays(t) {
		i := build(t, overlay)
		for name, one := range i.deployments {
			if !selects(t, one.Spec.Selector, one.Spec.Template) {
				t.Errorf("%s: Deployment %s does not select its own pods", overlay, name)
			}
		}
		for name, one := range i.budgets {
			i.mustSelect(t, overlay+": PodDisruptionBudget "+name, one.Spec.Selector)
		}
		for name, one := range i.policies {
			i.mustSelect(t, overlay+": NetworkPolicy "+name, &one.Spec.PodSelector)
		}
		for name, one := range i.services {
			pod := i.mustSelect(t, overlay+": Service "+name, &metav1.LabelSelector{MatchLabels: one.Spec.Selector})
			for _, port := range one.Spec.Ports {
				if !hasPort(pod, port.TargetPort.StrVal) {
					t.Errorf("%s: Service %s: no port %s", overlay, name, port.TargetPort.StrVal)
				}
			}
		}
		for name, one := range i.scalers {
			if target, ok := i.deployments[one.Spec.ScaleTargetRef.Name]; !ok || target.Spec.Replicas != nil {
				t.Errorf("%s: HorizontalPodAutoscaler %s needs a Deployment that leaves the replicas to it", overlay, name)
			}
		}
		for name, one := range i.queues {
			if target, ok := i.deployments[one.Spec.ScaleTargetRef.Name]; !ok || target.Spec.Replicas != nil {
				t.Errorf("%s: ScaledObject %s needs a Deployment that leaves the replicas to it", overlay, name)
			}
		}
		for _, one := range i.workers {
			if !slices.Contains(i.others, "Connection/"+one.Spec.WorkerOptions.ConnectionRef.Name) {
				t.Errorf("%s: no Connection %s", overlay, one.Spec.WorkerOptions.ConnectionRef.Name)
			}
		}
	}
}

func selects(t *testing.T, selector *metav1.LabelSelector, pod corev1.PodTemplateSpec) bool {
	t.Helper()
	compiled, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		t.Fatal(err)
	}
	return compiled.Matches(labels.Set(pod.Labels))
}

// mustSelect returns one of the pods that are selected.
func (i installation) mustSelect(t *testing.T, who string, selector *metav1.LabelSelector) (found corev1.PodTemplateSpec) {
	t.Helper()
	for _, pod := range i.pods() {
		if selects(t, selector, pod) {
			return pod
		}
	}
	t.Errorf("%s selects no pod of ours", who)
	return found
}

func hasPort(pod corev1.PodTemplateSpec, name string) bool {
	return slices.ContainsFunc(pod.Spec.Containers, func(container corev1.Container) bool {
		return slices.ContainsFunc(container.Ports, func(port corev1.ContainerPort) bool { return port.Name == name })
	})
}

// TestEgressIsOpenToWhatIsNeededOnly: a selector of other people's pods must be as it was written, without our labels.
func TestEgressIsOpenToWhatIsNeededOnly(t *testing.T) {
	for _, overlay := range overlays(t) {
		policies := build(t, overlay).policies
		for _, name := range []string{"default-deny", "dns", "worker-systems", "temporal"} {
			if !slices.Contains(policies[name].Spec.PolicyTypes, networkingv1.PolicyTypeEgress) {
				t.Errorf("%s: no policy %s for what goes out", overlay, name)
			}
		}
		if len(policies["default-deny"].Spec.Egress) > 0 || len(policies["default-deny"].Spec.PodSelector.MatchLabels) > 0 {
			t.Errorf("%s: default-deny lets something through", overlay)
		}
		for name, policy := range policies {
			for _, rule := range policy.Spec.Egress {
				if len(rule.To) == 0 || len(rule.Ports) == 0 {
					t.Errorf("%s: %s is open to everybody, or on every port", overlay, name)
				}
				for _, to := range rule.To {
					if to.PodSelector != nil && to.PodSelector.MatchLabels["app.kubernetes.io/part-of"] != "" {
						t.Errorf("%s: %s looks for our label on the pods of others", overlay, name)
					}
				}
			}
		}
	}
}

// TestSettingsAreKnownToThePrograms: one that looks like ours and is not refuses the start.
func TestSettingsAreKnownToThePrograms(t *testing.T) {
	example, err := os.ReadFile("../../../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	known := regexp.MustCompile(`(?m)^(?:# )?([A-Z][A-Z0-9_]+)=`).FindAllStringSubmatch(string(example), -1)
	var names []string
	for _, match := range known {
		names = append(names, match[1])
	}
	names = append(names, "TZ", "GOMEMLIMIT", "HOME")
	for _, overlay := range overlays(t) {
		i := build(t, overlay)
		for _, name := range []string{"HILLAVA_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"} {
			if i.settings[name] == "" {
				t.Errorf("%s: %s is not set", overlay, name)
			}
		}
		for name := range i.settings {
			if !slices.Contains(names, name) {
				t.Errorf("%s: no program knows %s", overlay, name)
			}
		}
		for who, pod := range i.pods() {
			for _, variable := range pod.Spec.Containers[0].Env {
				if !slices.Contains(names, variable.Name) {
					t.Errorf("%s: %s: no program knows %s", overlay, who, variable.Name)
				}
				if secret := regexp.MustCompile(`(TOKEN|SECRET|KEY)$`); secret.MatchString(variable.Name) && variable.Value != "" {
					t.Errorf("%s: %s: %s stands in a manifest", overlay, who, variable.Name)
				}
			}
		}
	}
}
