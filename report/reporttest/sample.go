package reporttest

import (
	"fmt"
	"time"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/scan"
)

const (
	digestA = "3f0a5a0c4a2a7b1e5a3c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c"
	digestB = "9b1c0d2e3f405162738495a6b7c8d9eaf0b1c2d3e4f5061728394a5b6c7d8e9f"
)

// Sample is a scan of a small project with a malicious model, as the formats
// should show it at their best.
func Sample() *report.Document {
	pkl := asset.Ref{Path: "models/approval.pkl"}
	member := asset.Ref{Path: "models/scorer.pt"}.Join(asset.Step{Kind: asset.Member, Name: "scorer/data.pkl"})
	records := []finding.Record{
		record(PickleCall, finding.Finding{
			Message:   `os.system("echo merlon-test") runs when the file is loaded`,
			Locations: []finding.Location{finding.AtOffset(pkl, 34), finding.AtOffset(pkl, 2)},
			Attrs:     map[string]any{"call": `os.system("echo merlon-test")`, "opcode": "REDUCE", "effect": "process"},
			Key:       "os.system",
		}, digestA),
		record(PickleCall, finding.Finding{
			Message:   `builtins.eval("1+1") runs when the file is loaded`,
			Locations: []finding.Location{finding.AtOffset(pkl, 71)},
			Attrs:     map[string]any{"call": `builtins.eval("1+1")`, "opcode": "REDUCE", "effect": "code"},
			Key:       "builtins.eval",
		}, digestA),
		record(PickleUnknown, finding.Finding{
			Message:   "scoring.legacy.Calibrator is imported when the file is loaded",
			Locations: []finding.Location{finding.AtOffset(member, 0)},
			Attrs:     map[string]any{"call": "scoring.legacy.Calibrator(...)"},
			Key:       "scoring.legacy.Calibrator",
		}, digestB),
		record(Secret, finding.Finding{
			Message:   "AWS access key AKIA... (20 characters, sha256 1f2e3d4c)",
			Locations: []finding.Location{{Ref: asset.Ref{Path: "src/upload.py"}, Line: 12, Col: 9, EndLine: 12, EndCol: 29}},
			Key:       "AKIA",
		}, ""),
		record(Lambda, finding.Finding{
			Message:   "the answer of client.chat reaches eval",
			Locations: []finding.Location{{Ref: asset.Ref{Path: "src/agent.py"}, Line: 41, Col: 5, EndLine: 41}},
			Trace: []finding.Hop{
				{Location: finding.Location{Ref: asset.Ref{Path: "src/agent.py"}, Line: 30}, Kind: "source", Note: "client.chat(prompt)"},
				{Location: finding.Location{Ref: asset.Ref{Path: "src/agent.py"}, Line: 37}, Kind: "pass", Note: "answer.strip()"},
				{Location: finding.Location{Ref: asset.Ref{Path: "src/agent.py"}, Line: 41}, Kind: "sink", Note: "eval(plan)"},
			},
			Fixes: []finding.Fix{{Title: "parse the answer with json.loads", Edits: []finding.Edit{
				{Ref: asset.Ref{Path: "src/agent.py"}, Start: 1021, End: 1025, New: "json.loads"},
			}}},
			Key: "eval",
		}, ""),
		record(Agent, finding.Finding{
			Message:   `server "files" is started by npx -y @example/files without a version`,
			Locations: []finding.Location{{Ref: asset.Ref{Path: ".mcp.json"}, Line: 5}},
			Key:       "files",
		}, ""),
		record(Pinned, finding.Finding{
			Message:   "actions/checkout@v4 can be moved by its owner",
			Locations: []finding.Location{{Ref: asset.Ref{Path: ".github/workflows/train.yml"}, Line: 14, Col: 15}},
			Key:       "actions/checkout",
		}, ""),
		record(Personal, finding.Finding{
			Message:   "column tax_id holds 4,812 values that look like tax numbers",
			Locations: []finding.Location{finding.At(asset.Ref{Path: "data/loans 2026.csv"}.Join(asset.Step{Kind: asset.Column, Name: "tax_id"}))},
			Key:       "tax_id",
		}, ""),
		record(Notebook, finding.Finding{
			Message:   "!pip install of a package without a version",
			Locations: []finding.Location{{Ref: asset.Ref{Path: "notebooks/explore.ipynb"}.Join(asset.Step{Kind: asset.Cell, N: 3}), Line: 1}},
			Key:       "pip install",
		}, ""),
	}
	suppressed := record(Pinned, finding.Finding{
		Message:   "actions/setup-python@v5 can be moved by its owner",
		Locations: []finding.Location{{Ref: asset.Ref{Path: ".github/workflows/train.yml"}, Line: 17, Col: 15}},
		Key:       "actions/setup-python",
	}, "")
	suppressed.Suppressed = &finding.Suppression{Kind: "ignore", Reason: "mirrored internally", Owner: "platform@example.org", Until: "2027-01-31"}
	records = append(records, suppressed)
	finding.Complete(records, func(p string) string { return p })

	d := &report.Document{
		Tool:   report.Tool{Name: "merlon", Version: "0.1.0"},
		Target: "examples/loan-approval",
		Inputs: report.Inputs{RulesSHA256: digestB},
		Show:   finding.Medium,
		Scan: &scan.Result{
			Roots:    []string{"."},
			Started:  time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC),
			Duration: 412 * time.Millisecond,
			Scanners: []scan.Info{{ID: "pickle", Version: "1", Rules: Rules()}},
			Findings: records,
			Measurements: []scan.Measurement{
				{Asset: "sha256:" + digestB, Name: "robust_accuracy", Value: 0.41, Unit: "1", Low: 0.37, High: 0.45, Method: "pgd eps=0.1"},
			},
			Facts: []asset.Fact{
				{Kind: "format", Value: "torch-zip", Proved: true, At: asset.Ref{Path: "models/scorer.pt"}},
				{Kind: "licence", Value: "Apache-2.0", At: asset.Ref{Path: "models/scorer.pt"}},
			},
			Assets: []asset.Asset{
				{Kind: asset.Model, Ref: pkl, Format: "pickle", SHA256: digestA, Size: 118, Verdict: asset.Malicious},
				{Kind: asset.Model, Ref: asset.Ref{Path: "models/features.npy"}, Format: "npy", SHA256: digestB, Size: 40_128, Verdict: asset.OK},
				{Kind: asset.Model, Ref: asset.Ref{Path: "models/scorer.pt"}, Format: "torch-zip", SHA256: digestB, Size: 3_412_992, Verdict: asset.Unverified},
				{Kind: asset.Model, Ref: asset.Ref{Path: "models/old.joblib"}, Format: "joblib", SHA256: digestA, Size: 901_120, Verdict: asset.Failed},
			},
			Coverage: scan.Coverage{
				FilesSeen: 43, FilesScanned: 11, Derived: 7, Bytes: 4_471_333,
				Skipped: []scan.Skip{
					{Path: ".venv", Reason: "virtual environment"},
					{Path: "run/ctl.sock", Reason: "not a regular file (socket)"},
				},
				Errors: []scan.Error{
					{Path: "models/old.joblib", Scanner: "pickle", Err: "zlib stream ends after 4,096 of 901,120 bytes: fetch the file again"},
				},
			},
		},
	}
	var high []string
	for _, r := range records {
		if r.Suppressed == nil && r.Severity >= finding.High {
			high = append(high, r.Fingerprint)
		}
	}
	d.Decision = evidence.Decision{
		Outcome: evidence.Fail, Policy: "default", InputDigest: "sha256:" + digestA,
		Rules: []evidence.RuleResult{
			{
				ID: "no-high-findings", Outcome: evidence.Fail, Findings: high,
				Reason: fmt.Sprintf("%d findings of severity high or above with confidence medium or better; 0 allowed", len(high)),
				Remedy: "fix the findings, or accept one by an ignore entry in merlon.yaml (rule, path, reason, owner, until)",
			},
			{
				ID: "complete-coverage", Outcome: evidence.Incomplete, Findings: []string{},
				Reason: "1 path could not be fully looked at",
				Remedy: "make what is listed as not looked at readable, or leave it out on purpose",
			},
		},
	}
	return d
}

func record(r finding.Rule, f finding.Finding, digest string) finding.Record {
	f.Rule = r.ID
	if digest != "" {
		digest = "sha256:" + digest
	}
	return finding.Record{Finding: f, Rule: r, Asset: digest}
}

// Empty is the scan of an empty folder.
func Empty() *report.Document {
	d := Sample()
	d.Target = "."
	d.Scan = &scan.Result{Roots: []string{"."}, Started: d.Scan.Started, Duration: 3 * time.Millisecond, Scanners: d.Scan.Scanners}
	d.Decision = pass()
	return d
}

// Clean is the scan of a project without problems.
func Clean() *report.Document {
	d := Sample()
	s := *d.Scan
	s.Findings, s.Coverage.Errors, s.Assets = nil, nil, s.Assets[1:2]
	d.Scan, d.Decision = &s, pass()
	return d
}

// Incomplete is the scan of a project of which a part could not be read.
func Incomplete() *report.Document {
	d := Sample()
	s := *d.Scan
	s.Findings, s.Coverage.Interrupted = nil, true
	d.Scan = &s
	d.Decision.Outcome, d.Decision.Rules = evidence.Incomplete, d.Decision.Rules[1:]
	return d
}

func pass() evidence.Decision {
	return evidence.Decision{
		Outcome: evidence.Pass, Policy: "default", InputDigest: "sha256:" + digestB,
		Rules: []evidence.RuleResult{
			{ID: "no-high-findings", Outcome: evidence.Pass, Findings: []string{}},
			{ID: "complete-coverage", Outcome: evidence.Pass, Findings: []string{}},
		},
	}
}
