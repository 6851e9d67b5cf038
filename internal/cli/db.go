package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/merlon-security/merlon/engine/osv"
	comes "github.com/merlon-security/merlon/engine/osv/starter"
	"github.com/merlon-security/merlon/engine/osv/update"
)

func newDB(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "db",
		Short: "advisories about packages: what is known to be vulnerable or malicious",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDBUpdate(s), newDBStatus(s))
	return cmd
}

// advisoriesVar names another index for every scan.
const advisoriesVar = "MERLON_ADVISORIES"

// advisoriesPath is where the index of this user is.
func advisoriesPath() (string, error) {
	if p := os.Getenv(advisoriesVar); p != "" {
		return filepath.Abs(p)
	}
	d, err := userDir("XDG_DATA_HOME", ".local", "share")
	return filepath.Join(d, "advisories.mdb"), err
}

// advisories is the index that a scan asks: the one named, or that of this user; empty
// where there is none and the one that comes with the program does.
func advisories(flag string) (string, error) {
	if flag != "" {
		return flag, nil
	}
	p, err := advisoriesPath()
	if err != nil {
		return "", nil // no home: as in a container without users
	}
	if _, err := os.Stat(p); err != nil {
		if errors.Is(err, fs.ErrNotExist) && os.Getenv(advisoriesVar) == "" {
			return "", nil
		}
		return "", err
	}
	return p, nil
}

func newDBUpdate(s streams) *cobra.Command {
	var ecosystems []string
	var into, kev, epss string
	cmd := &cobra.Command{
		Use:   "update [SOURCE]",
		Short: "bring the advisories up to date",
		Long: `update fetches what OSV (osv.dev) publishes, or takes it from SOURCE: the address of a
mirror, a folder with ECOSYSTEM/all.zip in it, or one archive. It makes one index file
of it, which merlon scan asks from then on. The index that was there stays in use until
the new one is whole.

Without a network: on a machine that has one, fetch ` + update.Bucket + `/PyPI/all.zip
(and other ecosystems), carry the folder over, and name it as SOURCE.`,
		Example: `  merlon db update
  merlon db update --ecosystem PyPI,npm
  merlon db update /mnt/osv --kev known_exploited_vulnerabilities.json --epss epss_scores.csv.gz`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o := update.Options{Ecosystems: ecosystems, Into: into, KEV: kev, EPSS: epss}
			if len(args) == 1 {
				o.From = args[0]
			}
			if o.Into == "" {
				var err error
				if o.Into, err = advisoriesPath(); err != nil {
					return err
				}
			}
			o.Progress = func(what string, n int64) {
				if isTerminal(s.err) {
					fmt.Fprintf(s.err, "merlon: %s, %s\n", what, byteCount(n))
				}
			}
			info, err := update.Run(cmd.Context(), o)
			if err != nil {
				if errors.Is(err, fs.ErrNotExist) {
					return usageErrorf("%w", err)
				}
				return err
			}
			printAdvisories(s.out, o.Into, info)
			return nil
		},
	}
	fl := cmd.Flags()
	fl.StringSliceVar(&ecosystems, "ecosystem", nil, "ecosystems to take, as OSV spells them (default "+strings.Join(update.Ecosystems(), ",")+"; of a folder: all that are there)")
	fl.StringVar(&into, "into", "", "file to write (default in merlon's data folder, or $"+advisoriesVar+")")
	fl.StringVar(&kev, "kev", "", "CISA's catalogue of known exploited vulnerabilities, a JSON file")
	fl.StringVar(&epss, "epss", "", "scores of EPSS, a CSV file, also compressed (.gz)")
	return cmd
}

func newDBStatus(s streams) *cobra.Command {
	var file string
	var whole bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "tell which advisories are asked, and how old they are",
		Args:  cobra.NoArgs,
		RunE: func(_ *cobra.Command, _ []string) error {
			name, err := advisories(file)
			if err != nil {
				return err
			}
			x, err := comes.Index()
			if name != "" {
				x, err = osv.Open(name)
			}
			if err != nil {
				return err
			}
			defer x.Close()
			if whole {
				if err := x.Verify(); err != nil {
					return err
				}
			}
			printAdvisories(s.out, name, x.Info())
			fmt.Fprintf(s.out, "  sha256:%s\n", x.Digest())
			return nil
		},
	}
	cmd.Flags().StringVar(&file, "advisories", "", "index file (default the one that scans ask)")
	cmd.Flags().BoolVar(&whole, "verify", false, "read the whole file and compare it with its digest")
	return cmd
}

func printAdvisories(w io.Writer, name string, info osv.Info) {
	if name == "" {
		name = "the advisories that come with the program (merlon db update fetches all)"
	}
	fmt.Fprintf(w, "%s\n  %d advisories about %d packages, the newest of %s\n", name, info.Advisories, info.Packages, info.Newest.Format(time.DateOnly))
	for _, src := range info.Sources {
		fmt.Fprintf(w, "  %s: %d, the newest of %s", src.Name, src.Advisories, src.Newest.Format(time.DateOnly))
		if src.Withdrawn > 0 {
			fmt.Fprintf(w, "; %d withdrawn left out", src.Withdrawn)
		}
		fmt.Fprintln(w)
	}
}
