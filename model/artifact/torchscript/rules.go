package torchscript

import "github.com/merlon-security/merlon/finding"

// The rules of this scanner.
const (
	ruleHost    = "artifact/torchscript-host-access"
	ruleCode    = "artifact/torchscript-code"
	ruleForeign = "artifact/torchscript-custom-op"
	ruleHidden  = "artifact/torchscript-hidden-op"
	ruleTarget  = "artifact/torch-export-target"
	ruleExpr    = "artifact/torch-export-expression"
	rulePackage = "artifact/torch-package-code"
	ruleNative  = "artifact/torch-native-code"
	rulePickled = "artifact/torch-export-pickled-weights"
)

const toSafetensors = `python -c "import torch, safetensors.torch as s; m = torch.jit.load('MODEL'); s.save_file({k: v.contiguous() for k, v in m.state_dict().items()}, 'model.safetensors')"`

func rules() []finding.Rule {
	supply := []string{"atlas:5.6:AML.T0011.000", "atlas:5.6:AML.T0018.002", "owasp-llm:2025:LLM03"}
	arch := []string{"atlas:5.6:AML.T0018.001", "atlas:5.6:AML.T0011.000", "owasp-llm:2025:LLM03"}
	return []finding.Rule{
		{
			ID: ruleHost, Category: finding.Artifact, Severity: finding.Critical, Confidence: finding.Sure,
			Title: "TorchScript that reaches files or other machines",
			Why: "The code inside the model names an operator that writes or reads files, or calls other machines. It runs with the " +
				"rights of whoever loads the model (methods named __setstate__ at once, others when the model is used); a file " +
				"written to the right place is code execution.",
			Remedy: "Do not load the model. Take the weights from a copy in safetensors of the same publisher, or take them out on a " +
				"machine that may be lost: " + toSafetensors,
			Bad: `torch.save(x, "/home/user/.bashrc")`, Good: "return torch.relu(x)",
			CWE: []string{"CWE-73", "CWE-829"}, Taxonomy: supply,
		},
		{
			ID: ruleCode, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "model that carries code (TorchScript)",
			Why: "A TorchScript archive is a program with weights. Its language cannot start programs by itself, but what it computes " +
				"is chosen by its author, and every operator of every library that the process has loaded is within reach.",
			Remedy: "Load only from a publisher whose signature you check. To keep the weights without the code: " + toSafetensors,
			CWE:    []string{"CWE-829"}, Taxonomy: arch,
		},
		{
			ID: ruleForeign, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "operators of other libraries",
			Why: "The model needs operators or classes that PyTorch does not have. They are native code that the user must install and " +
				"load, chosen by the author of the model.",
			Remedy: "Find out which library has them, pin it by version and hash (pip install --require-hashes), and check it as you " +
				"check a dependency; or convert the weights: " + toSafetensors,
			CWE: []string{"CWE-829"}, Taxonomy: arch,
		},
		{
			ID: ruleHidden, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Sure,
			Title: "operators behind a variable",
			Why: "The source passes the module torch, or a namespace of operators, around as a value. PyTorch never writes that; it " +
				"serves to hide which operators are used.",
			Remedy:   "Do not load the model. " + toSafetensors,
			CWE:      []string{"CWE-506"},
			Taxonomy: supply,
		},
		{
			ID: ruleTarget, Category: finding.Artifact, Severity: finding.Critical, Confidence: finding.Sure,
			Title: "exported program that calls something else than an operator",
			Why: "torch.export.load looks the target of every node up by its dotted name, starting at the module torch. A name that " +
				"leads to a Python function instead of an operator is called when the program runs.",
			Remedy: "Do not load the program. Export the model again from its source: torch.export.save(torch.export.export(model, args), 'model.pt2'), " +
				"or keep the weights only: safetensors.torch.save_file(model.state_dict(), 'model.safetensors')",
			Bad: "torch.hub.load", Good: "torch.ops.aten.relu.default",
			CWE: []string{"CWE-470", "CWE-502"}, Taxonomy: supply,
		},
		{
			ID: ruleExpr, Category: finding.Artifact, Severity: finding.Critical, Confidence: finding.Sure,
			Title: "exported program with an expression that is no arithmetic",
			Why: "Symbolic sizes are given to sympy.sympify, which evaluates text as Python. An expression with attributes, strings or " +
				"unknown functions runs code when the program is loaded.",
			Remedy: "Do not load the program. Export the model again from its source: torch.export.save(torch.export.export(model, args), 'model.pt2')",
			Bad:    "().__class__.__mro__", Good: "2*s0 + 1",
			CWE: []string{"CWE-95", "CWE-502"}, Taxonomy: supply,
		},
		{
			ID: rulePackage, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title: "model that carries Python code (torch.package)",
			Why: "torch.package.PackageImporter imports the Python sources inside the archive and unpickles objects with their help: " +
				"loading it runs whatever its author wrote.",
			Remedy: "Read the sources (unzip -p MODEL '*.py') or ask for safetensors: safetensors.torch.save_file(model.state_dict(), 'model.safetensors')",
			CWE:    []string{"CWE-829", "CWE-502"}, Taxonomy: supply,
		},
		{
			ID: ruleNative, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Sure,
			Title: "machine code inside the model",
			Why: "The archive holds a shared library or GPU kernels (AOTInductor). Loading the model loads them into the process; " +
				"nothing is known about what they do.",
			Remedy: "Compile the model yourself from the exported program: torch._inductor.aoti_compile_and_package(torch.export.load('model.pt2'))",
			CWE:    []string{"CWE-829", "CWE-114"}, Taxonomy: supply,
		},
		{
			ID: rulePickled, Category: finding.Artifact, Severity: finding.High, Confidence: finding.Likely,
			Title:  "exported program whose weights are loaded with pickle",
			Why:    "The index of the weights asks for torch.load without weights_only, which calls whatever the pickle names.",
			Remedy: "Export the model again with plain tensors, or keep the weights only: safetensors.torch.save_file(model.state_dict(), 'model.safetensors')",
			CWE:    []string{"CWE-502"}, Taxonomy: supply,
		},
	}
}
