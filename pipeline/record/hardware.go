package record

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/evidence"
)

// hardware says what this machine is, as far as files of Linux tell.
func hardware() evidence.Hardware {
	h := evidence.Hardware{CPU: runtime.GOARCH, Cores: int64(runtime.NumCPU()), Accelerators: []evidence.Accelerator{}}
	if v := value("/proc/cpuinfo", "model name"); v != "" {
		h.CPU = v
	}
	if kb, err := strconv.ParseInt(strings.TrimSuffix(value("/proc/meminfo", "MemTotal"), " kB"), 10, 64); err == nil {
		h.MemoryBytes = kb << 10
	}
	driver := ""
	if _, rest, ok := strings.Cut(first("/proc/driver/nvidia/version"), "Kernel Module"); ok {
		for _, f := range strings.Fields(rest) {
			if f[0] >= '0' && f[0] <= '9' {
				driver = f
				break
			}
		}
	}
	gpus, _ := filepath.Glob("/proc/driver/nvidia/gpus/*/information")
	for _, g := range gpus {
		if name := value(g, "Model"); name != "" {
			h.Accelerators = append(h.Accelerators, evidence.Accelerator{Name: name, Driver: driver})
		}
	}
	return h
}

// value reads "key : value" from a short file.
func value(file, key string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func first(file string) string {
	b, _ := os.ReadFile(file)
	line, _, _ := strings.Cut(string(b), "\n")
	return line
}
