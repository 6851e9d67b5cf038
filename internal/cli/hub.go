package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/engine/hubcache"
	"github.com/merlon-security/merlon/engine/hubfetch"
	"github.com/spf13/pflag"
)

// hubFlags say what happens with a model of a hub that is not on this machine.
type hubFlags struct {
	download   bool
	limit      string
	maxFiles   int
	quarantine string
}

func (f *hubFlags) add(fl *pflag.FlagSet) {
	fl.BoolVar(&f.download, "download", false, "fetch a hf: model from the hub into quarantine and look at it there (uses the network: HF_ENDPOINT, HF_TOKEN)")
	fl.StringVar(&f.limit, "download-limit", "64GB", "with --download: fetch nothing that has more than `SIZE` in all")
	fl.IntVar(&f.maxFiles, "download-files", 10_000, "with --download: fetch nothing that has more than `N` files")
	fl.StringVar(&f.quarantine, "quarantine", "", "with --download: the `FOLDER` it goes to (default: $MERLON_QUARANTINE, else quarantine in merlon's data folder)")
}

// resolve gives the path of what the user has named: a path itself, or the folder of
// a model of a hub.
func (f hubFlags) resolve(ctx context.Context, s streams, name string) (string, error) {
	if !hubcache.IsReference(name) {
		return name, nil
	}
	if !f.download {
		path, err := hubcache.Resolve(name, os.LookupEnv)
		if err != nil {
			return "", usageErrorf("%w", err)
		}
		return path, nil
	}
	if strings.HasPrefix(name, "kaggle:") {
		return "", usageErrorf("%s: merlon does not download from Kaggle, which announces no digest to check a file by. Get it with kagglehub or the kaggle program, and name the folder", name)
	}
	ref, err := hubcache.ParseHF(name)
	if err != nil {
		return "", usageErrorf("%w", err)
	}
	limit, err := parseSize(f.limit)
	if err != nil {
		return "", usageErrorf("--download-limit: %w", err)
	}
	if f.maxFiles < 1 {
		return "", usageErrorf("--download-files: at least 1")
	}
	into, err := f.folder()
	if err != nil {
		return "", usageErrorf("%w", err)
	}
	r, err := hubfetch.Fetch(ctx, hubfetch.Options{
		Ref: ref, Into: into, Env: os.LookupEnv, MaxBytes: limit, MaxFiles: f.maxFiles,
		Progress: func(name string, size int64) {
			if isTerminal(s.err) {
				fmt.Fprintf(s.err, "merlon: fetching %s, %d bytes\n", strconv.Quote(name), size)
			}
		},
	})
	if err != nil {
		return "", err
	}
	did := "fetched"
	if r.WasThere {
		did = "fetched before"
	}
	fmt.Fprintf(s.err, "merlon: %s %s, commit %s, %d files, %d bytes, digests checked\nmerlon: in quarantine: %s\nmerlon: nothing in it has been approved, and nothing of it was executed\n",
		did, r.Source, r.Commit, len(r.Files), r.Bytes, r.Dir)
	return r.Dir, nil
}

// folder is where the quarantine is.
func (f hubFlags) folder() (string, error) {
	d := f.quarantine
	if d == "" {
		d = os.Getenv("MERLON_QUARANTINE")
	}
	if d != "" {
		return filepath.Abs(d)
	}
	d, err := userDir("XDG_DATA_HOME", ".local", "share")
	return filepath.Join(d, "quarantine"), err
}

// parseSize reads 500MB, 64 GB or a number of bytes; a unit is a power of 1000, and
// with an i (GiB) of 1024.
func parseSize(s string) (int64, error) {
	digits := strings.TrimRight(strings.TrimSpace(s), "KMGTiBkmgtb ")
	n, err := strconv.ParseInt(digits, 10, 64)
	unit := strings.ToUpper(strings.TrimSpace(strings.TrimSpace(s)[len(digits):]))
	factor, ok := map[string]int64{
		"": 1, "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
		"KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40,
	}[unit]
	if err != nil || !ok || n < 1 || n > (1<<62)/factor {
		return 0, errors.New(strconv.Quote(s) + " is no size: write a number and B, KB, MB, GB or TB")
	}
	return n * factor, nil
}
