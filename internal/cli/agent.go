package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/code/agentconf"
	"github.com/merlon-security/merlon/engine/mcp"
	"github.com/merlon-security/merlon/engine/mcp/stdio"
	"github.com/merlon-security/merlon/engine/mcp/web"
	"github.com/merlon-security/merlon/engine/shellcmd"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text"
	"github.com/spf13/cobra"
)

func newAgent(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "agent",
		Short: "ask servers of tools what they tell the model, and lock what was approved",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAgentInspect(s), newAgentLock(s))
	return cmd
}

// serverFlags name a server of the Model Context Protocol.
type serverFlags struct {
	stdio    string
	url      string
	name     string
	env      []string
	header   []string
	protocol string
	timeout  time.Duration
}

func (f *serverFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.stdio, "stdio", "", "start `COMMAND` and ask it over its standard streams")
	fl.StringVar(&f.url, "url", "", "ask the server at `ADDRESS` (uses the network)")
	fl.StringVar(&f.name, "name", "", "call the server `NAME` in reports and in the lock file (default: its command or address)")
	fl.StringArrayVar(&f.env, "env", nil, "with --stdio: give the program `NAME=VALUE`, or NAME as it is here; may be given many times")
	fl.StringArrayVar(&f.header, "header", nil, "with --url: send `NAME: VALUE`; a value env:VARIABLE is read from the environment; may be given many times")
	fl.StringVar(&f.protocol, "protocol", "", "speak this `REVISION` of the protocol only: "+strings.Join(mcp.Revisions(), ", "))
	fl.DurationVar(&f.timeout, "timeout", time.Minute, "how long the server may take in all")
}

// inspect asks the server. The error is one of usage, or says that no connection came
// about.
func (f *serverFlags) inspect(ctx context.Context) (*agentconf.Inspected, error) {
	var dial mcp.Dialer
	in := &agentconf.Inspected{Source: f.name}
	switch {
	case (f.stdio == "") == (f.url == ""):
		return nil, usageErrorf("name one server, with --stdio or with --url")
	case f.timeout <= 0:
		return nil, usageErrorf("--timeout: more than nothing")
	case f.protocol != "" && !contains(mcp.Revisions(), f.protocol):
		return nil, usageErrorf("--protocol %q: one of %s", f.protocol, strings.Join(mcp.Revisions(), ", "))
	case f.stdio != "":
		commands := shellcmd.Split(f.stdio)
		if len(commands) != 1 {
			return nil, usageErrorf("--stdio names one program with its arguments; it is not run by a shell (write sh -c '...' to use one)")
		}
		env, err := f.environment()
		if err != nil {
			return nil, err
		}
		in.Command = commands[0]
		dial = stdio.Dial(stdio.Command{Words: commands[0], Env: env})
		if in.Source == "" {
			in.Source = agentconf.Source(commands[0])
		}
	default:
		if err := web.Check(f.url); err != nil {
			return nil, usageErrorf("--url: %w", err)
		}
		h, err := f.headers()
		if err != nil {
			return nil, err
		}
		u, _ := url.Parse(f.url) // checked
		in.URL = u.Scheme + "://" + u.Host + u.EscapedPath()
		dial = web.Dial(web.Server{URL: f.url, Header: h})
		if in.Source == "" {
			in.Source = in.URL
		}
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	var err error
	in.Listing, err = mcp.Inspect(ctx, dial, mcp.Options{Protocol: f.protocol, Version: merlon.Version(), Probe: min(10*time.Second, f.timeout/3)})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text.Visible(text.CutMiddle(in.Source, 80)), err)
	}
	return in, nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (f *serverFlags) environment() ([]string, error) {
	var env []string
	for _, e := range f.env {
		if strings.Contains(e, "=") {
			env = append(env, e)
			continue
		}
		v, ok := os.LookupEnv(e)
		if !ok {
			return nil, usageErrorf("--env %s: there is no such variable here", e)
		}
		env = append(env, e+"="+v)
	}
	return env, nil
}

func (f *serverFlags) headers() (map[string]string, error) {
	h := map[string]string{}
	for _, x := range f.header {
		name, value, ok := strings.Cut(x, ":")
		if !ok || name == "" || strings.ContainsAny(name, " \t\r\n") {
			return nil, usageErrorf("--header: write NAME: VALUE")
		}
		value = strings.TrimSpace(value)
		if v, ok := strings.CutPrefix(value, "env:"); ok {
			if value, ok = os.LookupEnv(v); !ok {
				return nil, usageErrorf("--header %s: there is no variable %s", name, v)
			}
		}
		h[name] = value
	}
	return h, nil
}

// inspected is a server as a file that a scan looks at.
type inspected struct {
	file     string
	shown    string
	problems []error
}

// hold writes the document of a server into a file that is taken away by done. Its
// name is that of the server: fingerprints depend on it.
func hold(in *agentconf.Inspected) (i *inspected, doc []byte, done func(), err error) {
	doc, err = in.Document()
	if err != nil {
		return nil, nil, nil, err
	}
	dir, err := os.MkdirTemp("", "merlon-agent")
	if err != nil {
		return nil, nil, nil, err
	}
	done = func() { _ = os.RemoveAll(dir) }
	base := strings.Map(func(r rune) rune {
		if r < 0x80 && (r == '-' || r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return r
		}
		return '_'
	}, in.Source)
	file := filepath.Join(dir, strings.TrimLeft(base[max(0, len(base)-120):], ".")+agentconf.ListingSuffix)
	if err := os.WriteFile(file, doc, 0o600); err != nil {
		done()
		return nil, nil, nil, err
	}
	return &inspected{file: file, shown: text.Visible(in.Source), problems: in.Listing.Problems}, doc, done, nil
}

// apply makes the result speak of the server, and of what could not be listed.
func (i *inspected) apply(r *scan.Result) string {
	renamePath(r, i.file, i.shown)
	for _, p := range i.problems {
		r.Coverage.Errors = append(r.Coverage.Errors, scan.Error{Path: i.shown, Scanner: "agentconf", Err: p.Error()})
	}
	return i.shown
}

// readLock reads the lock file of the flag, else of the configuration.
func (f scanFlags) readLock(configured string) ([]byte, error) {
	file := f.lock
	if file == "" {
		file = configured
	}
	if file == "" {
		return nil, nil
	}
	b, err := safeio.ReadFile(file, agentconf.MaxLock)
	if err != nil {
		return nil, usageErrorf("lock file: %w", err)
	}
	if _, err := agentconf.ReadLock(b); err != nil {
		return nil, usageErrorf("lock file %s: %w", file, err)
	}
	return b, nil
}

var errNothingToLock = errors.New("no servers of agents and no tools are configured there")
