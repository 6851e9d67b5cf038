package record

import (
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/text/secret"
)

// variables are what results of training are known to depend on. Nothing else of the
// environment is recorded unless it is asked for.
var variables = []string{
	"CUBLAS_WORKSPACE_CONFIG", "CUDA_VISIBLE_DEVICES", "CUDNN_DETERMINISTIC", "HF_DATASETS_OFFLINE", "HF_HUB_OFFLINE",
	"JAX_ENABLE_X64", "JAX_PLATFORMS", "LANG", "LC_ALL", "LOCAL_RANK", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
	"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PYTHONHASHSEED", "PYTHONOPTIMIZE", "RANK", "SOURCE_DATE_EPOCH",
	"TF_DETERMINISTIC_OPS", "TF_ENABLE_ONEDNN_OPTS", "TOKENIZERS_PARALLELISM", "TRANSFORMERS_OFFLINE", "TZ", "WORLD_SIZE",
	"XLA_FLAGS",
}

const withheld = "(withheld)"

// environment returns the variables that are recorded: those of the list and those
// asked for, as far as they are set. A value that looks like a credential is withheld,
// asked for or not.
func environment(ask []string, environ []string) (vars map[string]string, notes []string) {
	vars = map[string]string{}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if !slices.Contains(variables, name) && !slices.Contains(ask, name) {
			continue
		}
		if sensitive(name) || credential(name+"="+value) || credential(value) {
			vars[name] = withheld
			notes = append(notes, fmt.Sprintf("the value of $%s looks like a credential and is not recorded", name))
			continue
		}
		vars[name] = value
	}
	return vars, notes
}

// sensitive reports whether a name says that a secret is kept under it.
func sensitive(name string) bool {
	words := strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return r == '_' || r == '-' })
	for i, w := range words {
		switch w {
		case "PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "CREDENTIAL", "CREDENTIALS":
			return true
		case "KEY":
			if i > 0 && (words[i-1] == "API" || words[i-1] == "ACCESS" || words[i-1] == "PRIVATE") {
				return true
			}
		}
	}
	return false
}

func credential(s string) bool { return len(secret.Default().Find([]byte(s))) > 0 }

// masked returns a command without the credentials in it, and whether there were any.
func masked(command []string) ([]string, bool) {
	out, any := slices.Clone(command), false
	for i, a := range out {
		name, _, assigned := strings.Cut(a, "=")
		flag := strings.HasPrefix(a, "-")
		switch {
		case flag && !assigned && sensitive(a) && i+1 < len(out) && !strings.HasPrefix(out[i+1], "-"):
			out[i+1] = withheld
		case assigned && sensitive(name), credential(a):
			out[i] = withheld
			if assigned {
				out[i] = name + "=" + withheld
			}
		default:
			continue
		}
		any = true
	}
	return out, any
}
