package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/code/agentconf"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/gate"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/text"
	"github.com/spf13/cobra"
)

const lockFile = "merlon-agents.lock.json"

func newAgentLock(s streams) *cobra.Command {
	var server serverFlags
	var file string
	cmd := &cobra.Command{
		Use:   "lock [PATH...] | --stdio COMMAND | --url ADDRESS",
		Short: "approve servers and their tools as they are now",
		Long: `lock writes down what servers are now: their tools, prompts and instructions with
digests, or, for PATHs, the servers that configurations there name and the tools that
files there define. A later scan with --agent-lock, or inspect with --lock, reports
everything that has changed since, and the gate fails.

The file holds the texts themselves, so that a change can be read; values of
credentials are left out. Other servers in it stay. What is different from before is
printed: read it, it is what you approve.`,
		Example: `  merlon agent lock --stdio 'npx @modelcontextprotocol/server-everything@2026.8.31'
  merlon agent lock .
  merlon scan . --agent-lock merlon-agents.lock.json`,
		RunE: func(_ *cobra.Command, paths []string) error {
			ctx, stop := interruptible()
			defer stop()
			if (server.stdio != "" || server.url != "") == (len(paths) > 0) {
				return usageErrorf("name files and folders, or one server with --stdio or --url")
			}
			lock, err := oldLock(file)
			if err != nil {
				return err
			}
			if len(paths) > 0 {
				err = lockPaths(ctx, s, lock, paths)
			} else {
				err = lockServer(ctx, s, lock, &server)
			}
			if err != nil {
				return err
			}
			b := lock.Bytes()
			if err := safeio.WriteFile(file, 0o644, func(w io.Writer) error { _, err := w.Write(b); return err }); err != nil {
				return err
			}
			fmt.Fprintf(s.out, "%s holds %s\n", file, counted(len(lock.Servers), "server"))
			return nil
		},
	}
	server.register(cmd)
	cmd.Flags().StringVarP(&file, "output", "o", lockFile, "write `FILE`")
	return cmd
}

func oldLock(file string) (*agentconf.Lock, error) {
	b, err := safeio.ReadFile(file, agentconf.MaxLock)
	if errors.Is(err, fs.ErrNotExist) {
		return &agentconf.Lock{Version: 1}, nil
	}
	if err != nil {
		return nil, usageErrorf("lock file: %w", err)
	}
	l, err := agentconf.ReadLock(b)
	if err != nil {
		return nil, usageErrorf("lock file %s: %w", file, err)
	}
	return l, nil
}

// lockServer asks a server. One that could not be asked to the end is not approved.
func lockServer(ctx context.Context, s streams, lock *agentconf.Lock, server *serverFlags) error {
	in, err := server.inspect(ctx)
	if err != nil {
		return err
	}
	if p := in.Listing.Problems; len(p) > 0 {
		return fmt.Errorf("%s: nothing is locked, because it could not be asked to the end: %w", text.Visible(in.Source), p[0])
	}
	held, doc, done, err := hold(in)
	if err != nil {
		return err
	}
	defer done()
	now, err := agentconf.LockListing(doc)
	if err != nil {
		return err
	}
	r, err := merlon.Scan(ctx, merlon.Options{Paths: []string{held.file}})
	if err != nil {
		return err
	}
	d, err := merlon.Decide(gate.Default(), r, nil)
	if err != nil {
		return err
	}
	bad := 0
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Severity >= finding.High && f.Suppressed == nil {
			bad++
		}
	}
	approve(s, lock, now)
	if bad > 0 && d.Outcome == "fail" {
		warn(s.err, "there are %s of severity high or above about what you approve: read them with merlon agent inspect", counted(bad, "finding"))
	}
	return nil
}

// approve prints what is new, and puts it into the lock.
func approve(s streams, lock *agentconf.Lock, now agentconf.LockedServer) {
	source := text.Visible(now.Source)
	if old := lock.Find(now.Source); old == nil {
		fmt.Fprintf(s.out, "%s: new, %s\n", source, entries(now))
	} else {
		changes := agentconf.Compare(old, &now)
		if len(changes) == 0 {
			fmt.Fprintf(s.out, "%s: as before, %s\n", source, entries(now))
		}
		for _, c := range changes {
			c2 := c
			c2.Lines = nil
			fmt.Fprintf(s.out, "%s: %s\n", source, c2)
			for _, l := range c.Lines {
				fmt.Fprintf(s.out, "  %s\n", l)
			}
		}
	}
	lock.Put(now)
}

func entries(s agentconf.LockedServer) string {
	n := map[string]int{}
	for _, e := range s.Entries {
		n[e.Kind]++
	}
	return counted(n["configuration"], "configuration", n["tool"], "tool", n["prompt"], "prompt", n["template"], "template")
}

// lockPaths approves what files name. Servers of these paths that are not named any
// more go.
func lockPaths(ctx context.Context, s streams, lock *agentconf.Lock, paths []string) error {
	for _, p := range paths {
		if _, err := os.Stat(p); missing(err) {
			return usageErrorf("path %q does not exist", p)
		}
	}
	servers, r, err := merlon.AgentServers(ctx, merlon.Options{Paths: paths})
	if err != nil {
		return err
	}
	if e := r.Coverage.Errors; len(e) > 0 {
		return fmt.Errorf("nothing is locked: %s: %s", text.Visible(e[0].Path), e[0].Err)
	}
	if len(servers) == 0 {
		return usageErrorf("%s: %w", strings.Join(paths, " "), errNothingToLock)
	}
	for _, gone := range lock.Missing(paths, servers) {
		fmt.Fprintf(s.out, "%s: gone\n", text.Visible(gone))
	}
	for _, now := range servers {
		approve(s, lock, now)
	}
	return nil
}
