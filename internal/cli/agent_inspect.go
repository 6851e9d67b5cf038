package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/merlon-security/merlon/safeio"
	"github.com/spf13/cobra"
)

func newAgentInspect(s streams) *cobra.Command {
	var server serverFlags
	var f scanFlags
	var save string
	cmd := &cobra.Command{
		Use:   "inspect (--stdio COMMAND | --url ADDRESS)",
		Short: "ask a server of the Model Context Protocol what it offers, and judge what it says",
		Long: `inspect connects to a server of the Model Context Protocol as a client does, lists
its tools, resources, templates of resources and prompts, and looks at every word of
them as a scan does: the model reads them all as soon as the server is connected. It
calls no tool and reads no resource.

With --stdio the program is started because you name it. It gets PATH, HOME and a few
more variables, what --env adds, and no others, and is ended afterwards with
everything that it has started.

Exit code: as of merlon scan. A server that cannot be asked to the end gives 3, with
what it had listed until then.`,
		Example: `  merlon agent inspect --stdio 'npx @modelcontextprotocol/server-everything@2026.8.31'
  merlon agent inspect --url https://mcp.example.com/mcp --header 'Authorization: env:MCP_AUTH'
  merlon agent inspect --stdio 'uvx mcp-server-git' --lock merlon-agents.lock.json`,
		Args: cobra.NoArgs,
		RunE: func(_ *cobra.Command, _ []string) error {
			ctx, stop := interruptible()
			defer stop()
			if _, err := f.outputs(s); err != nil { // before a program is started
				return err
			}
			in, err := server.inspect(ctx)
			if err != nil {
				return err
			}
			held, doc, done, err := hold(in)
			if err != nil {
				return err
			}
			defer done()
			if save != "" {
				if err := safeio.WriteFile(save, 0o644, func(w io.Writer) error { _, err := w.Write(doc); return err }); err != nil {
					return err
				}
			}
			l := in.Listing
			fmt.Fprintf(s.err, "merlon: revision %s over %s: %s\n", l.Protocol, l.Transport, counted(
				len(l.Tools), "tool", len(l.Resources), "resource", len(l.Templates), "template", len(l.Prompts), "prompt"))
			f.inspected = held
			return f.run(ctx, s, []string{held.file})
		},
	}
	server.register(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.lock, "lock", "", "report what differs from `FILE`, which merlon agent lock has written")
	fl.StringVar(&save, "save", "", "also write what the server has listed to `FILE`; a name that ends with .mcp-listing.json can be scanned")
	f.report(cmd)
	return cmd
}

// counted lists numbers that are not zero.
func counted(pairs ...any) string {
	var all []string
	for i := 0; i+1 < len(pairs); i += 2 {
		n := pairs[i].(int)
		word := pairs[i+1].(string)
		if n != 1 {
			word += "s"
		}
		if n > 0 {
			all = append(all, fmt.Sprintf("%d %s", n, word))
		}
	}
	if all == nil {
		return "nothing"
	}
	return strings.Join(all, ", ")
}
