package merlon

import (
	"context"
	"fmt"

	"github.com/merlon-security/merlon/code/agentconf"
	"github.com/merlon-security/merlon/scan"
)

// agentScanner puts the scanner that compares with an approved state in the place of
// the one that does not.
func agentScanner(list []scan.Scanner, l *agentconf.Locking) []scan.Scanner {
	return substitute(list, agentconf.NewLocking(l))
}

// readAgentLock is the approved state that the options hold, nil for none.
func readAgentLock(b []byte) (*agentconf.Lock, error) {
	if b == nil {
		return nil, nil
	}
	l, err := agentconf.ReadLock(b)
	if err != nil {
		return nil, fmt.Errorf("lock file of agents: %w", err)
	}
	return l, nil
}

// AgentServers lists the servers that configurations of agents below the paths name,
// and the tools that files there define, as a lock file holds them. The result says
// what could not be read.
func AgentServers(ctx context.Context, o Options) ([]agentconf.LockedServer, *scan.Result, error) {
	l := &agentconf.Locking{}
	r, err := scan.Run(ctx, scan.Options{Roots: o.Paths, Scanners: []scan.Scanner{agentconf.NewLocking(l)}, Limits: o.Limits, Exclude: o.Exclude, Debug: o.Debug})
	if err != nil {
		return nil, nil, err
	}
	return l.Seen(), r, nil
}
