package cli

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/gate"
	"github.com/merlon-security/merlon/ledger"
)

// bundle is a folder of evidence that merlon makes, and how it is judged.
type bundle struct {
	t    *testing.T
	dir  string
	gate []string // the command that judges it
}

func (b bundle) path(name string) string { return filepath.Join(b.dir, name) }

// merlon runs a command and returns its exit code and what it printed.
func (b bundle) merlon(args ...string) (int, string) {
	b.t.Helper()
	var out bytes.Buffer
	code := Main(args, strings.NewReader(""), &out, &out)
	return code, out.String()
}

func (b bundle) must(args ...string) {
	b.t.Helper()
	if code, out := b.merlon(args...); code != 0 {
		b.t.Fatalf("merlon %s: exit code %d\n%s", strings.Join(args, " "), code, out)
	}
}

// attest signs a predicate.
func (b bundle) attest(kind evidence.Kind, predicate any, key string) {
	b.t.Helper()
	raw, err := json.Marshal(predicate)
	if err != nil {
		b.t.Fatal(err)
	}
	file := b.path("predicate.json")
	if err := os.WriteFile(file, raw, 0o644); err != nil {
		b.t.Fatal(err)
	}
	b.must("attest", b.path("model.safetensors"), "--type", string(kind), "--predicate", file, "--key", b.path(key+".key"), "--evidence", b.path("evidence"))
}

// safetensors is a model of one tensor.
func safetensors() []byte {
	header := `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	out = append(out, header...)
	return append(out, 0, 0, 128, 63, 0, 0, 0, 64)
}

func bounded(name string, low, value, high float64) evidence.Measurement {
	return evidence.Measurement{Name: name, Value: value, Low: &low, High: &high, Method: "bootstrap, 95 %", Samples: 1000}
}

// makeBundle makes the evidence that a built-in policy asks for, and nothing else.
func makeBundle(t *testing.T, policy string) bundle {
	t.Helper()
	b := bundle{t: t, dir: t.TempDir()}
	t.Setenv("XDG_DATA_HOME", b.path("data"))
	t.Setenv("XDG_STATE_HOME", b.path("state"))
	if err := os.WriteFile(b.path("model.safetensors"), safetensors(), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"ci", "trainer", "owner", "privacy"} {
		b.must("key", "generate", b.path(k), "--type", "ed25519")
	}
	b.must("scan", b.path("model.safetensors"), "--evidence", b.path("evidence"), "--key", b.path("ci.key"))
	decisions, _ := filepath.Glob(b.path("evidence/*/decision-*"))
	for _, d := range decisions {
		if err := os.Remove(d); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now().UTC().Add(-time.Hour).Truncate(time.Second)
	tool := evidence.Tool{Name: "example"}
	test := func(name string, m ...evidence.Measurement) {
		b.attest(evidence.KindTest, evidence.TestResult{
			Tool: tool, Name: name, StartedAt: now, FinishedAt: now, Outcome: "measured", Inputs: []evidence.Resource{},
			Parameters: map[string]any{}, Measurements: append([]evidence.Measurement{}, m...), Failed: []string{},
		}, "ci")
	}
	approve := func(role, key string) {
		b.attest(evidence.KindApproval, evidence.Approval{
			Decision: "approved", Approver: key, Role: role, Reason: "reviewed", Environments: []string{}, Conditions: []string{},
			Considered: []string{}, ApprovedAt: now,
		}, key)
	}
	card := func() {
		b.attest(evidence.KindCard, evidence.ModelCard{
			Name: "model", WrittenAt: now, Authors: []string{}, IntendedUse: "an example", Languages: []string{},
			BaseModels: []evidence.Resource{}, Datasets: []evidence.Resource{}, Metrics: []evidence.Measurement{},
		}, "owner")
	}
	parts := func() {
		b.attest(evidence.KindBOM, map[string]any{
			"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []any{}, "metadata": map[string]any{"timestamp": now},
		}, "ci")
	}
	training := func() {
		b.attest(evidence.KindTraining, evidence.TrainingRun{
			Tool: tool, ID: "run-1", StartedAt: now, FinishedAt: now, Command: []string{"python", "train.py"}, InputsFrom: "declared",
			Inputs: []evidence.Resource{}, Outputs: []evidence.Resource{},
			Environment: evidence.Environment{Packages: []evidence.Package{}, Variables: map[string]string{}},
			Hardware:    evidence.Hardware{Accelerators: []evidence.Accelerator{}}, Parameters: map[string]any{}, Metrics: []evidence.Measurement{},
		}, "trainer")
	}
	dataset := func() {
		b.attest(evidence.KindDataset, evidence.DatasetProfile{
			Tool: tool, ProfiledAt: now, Name: "loans", Rows: 10, Columns: []evidence.DatasetColumn{}, Splits: []evidence.DatasetSplit{},
			PersonalData: "none", Measurements: []evidence.Measurement{},
		}, "ci")
	}
	b.gate = []string{"gate", b.path("model.safetensors"), "--policy", policy, "--evidence", b.path("evidence")}
	for _, k := range []string{"ci", "trainer", "owner", "privacy"} {
		b.gate = append(b.gate, "--key", b.path(k+".pub"))
	}
	switch policy {
	case "baseline":
	case "strict":
		training()
		test("accuracy", bounded("accuracy", 0.9, 0.92, 0.94))
		parts()
		card()
		approve("owner", "owner")
		b.must("ledger", "init", b.path("audit"))
		files, _ := filepath.Glob(b.path("evidence/*/*.dsse.json"))
		b.must(append([]string{"ledger", "append", b.path("audit")}, files...)...)
		b.gate = append(b.gate, "--ledger", b.path("audit"))
	case "llm-app":
		test("red-team", bounded("attack_success_rate", 0.001, 0.01, 0.03))
		card()
		approve("owner", "owner")
	case "eu-ai-act-high-risk":
		dataset()
		card()
		parts()
		training()
		for _, name := range []string{"accuracy", "robustness", "fairness"} {
			test(name)
		}
		approve("owner", "owner")
		approve("privacy", "privacy")
	case "regulated-health":
		dataset()
		training()
		test("privacy", bounded("membership_inference_auc", 0.5, 0.52, 0.55))
		test("fairness")
		card()
		approve("clinical", "owner")
		approve("privacy", "privacy")
	default:
		t.Fatalf("no bundle for the policy %s: add one", policy)
	}
	return b
}

// TestBuiltinBundles: every built-in policy passes with the evidence that merlon makes
// for it, and with no single piece less.
func TestBuiltinBundles(t *testing.T) {
	for _, policy := range gate.Builtin() {
		t.Run(policy, func(t *testing.T) {
			if policy == "strict" && ledger.Supported() != nil {
				t.Skip("there is no ledger on this system")
			}
			b := makeBundle(t, policy)
			if code, out := b.merlon(b.gate...); code != exitPass {
				t.Fatalf("the whole bundle: exit code %d\n%s", code, out)
			}
			files, err := filepath.Glob(b.path("evidence/*/*.dsse.json"))
			if err != nil || len(files) == 0 {
				t.Fatal("no evidence")
			}
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
				if code, out := b.merlon(b.gate...); code == exitPass || code == exitUsage {
					t.Errorf("without %s: exit code %d\n%s", filepath.Base(file)[:12], code, out)
				}
				changed := bytes.Replace(text, []byte(`"payload":"e`), []byte(`"payload":"f`), 1)
				if err := os.WriteFile(file, changed, 0o644); err != nil {
					t.Fatal(err)
				}
				if code, out := b.merlon(b.gate...); code != exitInvalid {
					t.Errorf("with %s changed: exit code %d\n%s", filepath.Base(file)[:12], code, out)
				}
				if err := os.WriteFile(file, text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if code, out := b.merlon(b.gate...); code != exitPass {
				t.Errorf("the bundle put together again: exit code %d\n%s", code, out)
			}
		})
	}
}
