package cli

import (
	"github.com/merlon-security/merlon"
	"github.com/spf13/pflag"
)

// cacheFlag is --cache, with or without a folder.
type cacheFlag struct{ dir string }

// usualCache stands for the folder that is used when --cache names none.
const usualCache = "auto"

func (f *cacheFlag) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.dir, "cache", "", "keep what is found out in `DIR` and look again only at what has changed since; DIR must be yours alone (mode 0700). Without DIR: merlon/scan in your cache folder")
	fl.Lookup("cache").NoOptDefVal = usualCache
}

// folder returns the folder to use; "" for none.
func (f *cacheFlag) folder() (string, error) {
	if f.dir != usualCache {
		return f.dir, nil
	}
	dir, err := merlon.CacheFolder()
	if err != nil {
		return "", usageErrorf("--cache: %w: name a folder with --cache=DIR", err)
	}
	return dir, nil
}
