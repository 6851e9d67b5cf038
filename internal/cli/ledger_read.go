package cli

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/merlon-security/merlon/ledger"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/text"
	"github.com/spf13/cobra"
)

type ledgerVerify struct {
	public, proof, format string
	checkpoints           []string
	forget                bool
}

func newLedgerVerify(s streams) *cobra.Command {
	var v ledgerVerify
	cmd := &cobra.Command{
		Use:   "verify [DIR]",
		Short: "check every entry, tile and signature, or a proof on its own",
		Long: `verify reads the whole ledger and checks the chain of its entries, the signed
checkpoint, every tile, and that the ledger extends the checkpoint that was seen
last on this machine, and those given with --checkpoint. Without either an older
copy of the whole folder cannot be noticed, and verify says so.

With --proof and no DIR it checks a proof made by merlon ledger prove; nothing but
the proof and the public key is needed. --checkpoint then is the earlier checkpoint
that a consistency proof starts from.`,
		Example: `  merlon ledger verify audit
  merlon ledger verify audit --checkpoint yesterday.checkpoint --public 'example.com/audit+...'
  merlon ledger verify --proof entry.tlog-proof --public ledger.pub`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case v.format != "table" && v.format != "json":
				return usageErrorf("unknown format %q (one of table, json)", v.format)
			case v.proof != "" && len(args) == 0:
				return v.checkProof(s)
			case len(args) == 0 || v.proof != "":
				return usageErrorf("give either DIR or --proof")
			}
			return v.run(s, args[0])
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&v.public, "public", "", "public key of the ledger, or a file that holds it, from another source than DIR")
	fl.StringArrayVar(&v.checkpoints, "checkpoint", nil, "checkpoint kept elsewhere, as by a witness; may be given many times")
	fl.StringVar(&v.proof, "proof", "", "file with a proof to check")
	fl.BoolVar(&v.forget, "no-remember", false, "neither use nor store the checkpoint seen last on this machine")
	fl.StringVar(&v.format, "format", "table", "format on stdout: table, json")
	return cmd
}

// verified is the answer in JSON.
type verified struct {
	Ledger     string    `json:"ledger"`
	Origin     string    `json:"origin"`
	Entries    uint64    `json:"entries"`
	Sealed     uint64    `json:"sealed"`
	Root       string    `json:"root"`
	Tiles      int       `json:"tiles"`
	Torn       int64     `json:"unfinished_bytes"`
	Earlier    []uint64  `json:"extends"` // sizes of the earlier checkpoints
	Rollback   bool      `json:"rollback_checked"`
	Public     string    `json:"public_key"`
	FromFolder bool      `json:"public_key_from_ledger"`
	Verified   time.Time `json:"verified_at"`
}

func (v ledgerVerify) run(s streams, dir string) error {
	m, err := ledger.ReadMeta(dir)
	if err != nil {
		return ledgerError(dir, err)
	}
	opts := ledger.VerifyOptions{}
	if v.public != "" {
		if opts.Verifier, err = keyText(v.public); err != nil {
			return err
		}
	}
	var seen remembered
	if !v.forget {
		if seen, err = remember(m); err != nil {
			return ledgerError(dir, err)
		}
		opts.Earlier = seen.earlier()
	}
	for _, name := range v.checkpoints {
		cp, err := readCheckpoint(name, m.Verifier)
		if err != nil {
			return err
		}
		opts.Earlier = append(opts.Earlier, cp)
	}
	ctx, stop := interruptible()
	defer stop()
	r, err := ledger.Verify(ctx, dir, opts)
	if err != nil {
		return ledgerError(dir, err)
	}
	a := verified{Ledger: dir, Origin: m.Origin, Entries: r.Entries, Sealed: r.Checkpoint.Size, Root: hex.EncodeToString(r.Checkpoint.Root), Tiles: r.Tiles,
		Torn: r.Torn, Earlier: []uint64{}, Rollback: r.Earlier > 0, Public: m.Verifier, FromFolder: opts.Verifier == "", Verified: time.Now().UTC().Truncate(time.Second)}
	for _, c := range opts.Earlier {
		a.Earlier = append(a.Earlier, c.Size)
	}
	if v.format == "json" {
		err = json.NewEncoder(s.out).Encode(a)
	} else {
		err = a.table(s.out)
	}
	if err == nil && !v.forget {
		err = seen.keep(r.Checkpoint)
	}
	return err
}

func (a verified) table(w io.Writer) error {
	var b strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-11s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("ledger", "%s  (%s)", text.Visible(a.Ledger), text.Visible(a.Origin))
	row("entries", "%d, %d of them sealed", a.Entries, a.Sealed)
	if a.Entries > a.Sealed {
		row("", "%d wait for a checkpoint: the next merlon ledger append seals them", a.Entries-a.Sealed)
	}
	if a.Torn > 0 {
		row("", "%d bytes of an append that was never acknowledged lie behind them", a.Torn)
	}
	row("checkpoint", "size %d, root %s", a.Sealed, a.Root)
	if a.FromFolder {
		row("key", "%s, as the folder says; --public compares with one from elsewhere", text.Visible(a.Public))
	} else {
		row("key", "%s, as given", text.Visible(a.Public))
	}
	row("checked", "chain, signatures, checkpoint, %d tiles", a.Tiles)
	if a.Rollback {
		slices.Sort(a.Earlier)
		row("rollback", "checked: it extends the earlier checkpoint over %d entries", a.Earlier[len(a.Earlier)-1])
	} else {
		row("rollback", "NOT checked: no earlier checkpoint is known; keep one with merlon ledger checkpoint %s", text.Visible(a.Ledger))
	}
	row("", "")
	out := strings.TrimRight(b.String(), " \n") + "\n\nOK  nothing was changed, removed, reordered or cut off\n"
	_, err := io.WriteString(w, out)
	return err
}

// checkProof checks a proof without a ledger.
func (v ledgerVerify) checkProof(s streams) error {
	if v.public == "" {
		return usageErrorf("give the public key of the ledger with --public: a proof cannot vouch for itself")
	}
	public, err := keyText(v.public)
	if err != nil {
		return err
	}
	b, err := safeio.ReadFile(v.proof, 1<<20)
	if errors.Is(err, fs.ErrNotExist) {
		return usageErrorf("proof %q does not exist", v.proof)
	}
	if err != nil {
		return err
	}
	if strings.HasPrefix(string(b), "old ") {
		return v.checkConsistency(s, b, public)
	}
	var p ledger.Proof
	if err := p.UnmarshalText(b); err != nil {
		return invalidErrorf("%s: %w", v.proof, err)
	}
	e, cp, err := p.Verify(public)
	if err != nil {
		return invalidErrorf("%s: %w", v.proof, err)
	}
	if v.format == "json" {
		return json.NewEncoder(s.out).Encode(e)
	}
	fmt.Fprintf(s.out, "OK  entry %d is in the ledger %s of %d entries\n\n", e.Seq, cp.Origin, cp.Size)
	return printEntry(s.out, e)
}

func (v ledgerVerify) checkConsistency(s streams, b []byte, public string) error {
	if len(v.checkpoints) != 1 {
		return usageErrorf("a consistency proof starts from an earlier checkpoint: give it with --checkpoint")
	}
	old, err := readCheckpoint(v.checkpoints[0], public)
	if err != nil {
		return err
	}
	var c ledger.Consistency
	if err := c.UnmarshalText(b); err != nil {
		return invalidErrorf("%s: %w", v.proof, err)
	}
	cp, err := c.Verify(old, public)
	if err != nil {
		return invalidErrorf("%s: %w", v.proof, err)
	}
	_, err = fmt.Fprintf(s.out, "OK  the ledger %s of %d entries extends that of %d entries\n", cp.Origin, cp.Size, old.Size)
	return err
}

// keyText is a public key given as it is or in a file: the key on a line of its own,
// or ledger.json.
func keyText(s string) (string, error) {
	if strings.Count(s, "+") >= 2 {
		return s, nil
	}
	b, err := safeio.ReadFile(s, 1<<16)
	if err != nil {
		return "", usageErrorf("--public is neither a key nor a file with one: %w", err)
	}
	var m ledger.Meta
	if json.Unmarshal(b, &m) == nil && m.Verifier != "" {
		return m.Verifier, nil
	}
	return strings.TrimSpace(string(b)), nil
}

func readCheckpoint(name, public string) (ledger.Checkpoint, error) {
	b, err := safeio.ReadFile(name, 1<<16)
	if errors.Is(err, fs.ErrNotExist) {
		return ledger.Checkpoint{}, usageErrorf("checkpoint %q does not exist", name)
	}
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	cp, err := ledger.ParseCheckpoint(b, public)
	if err != nil {
		return cp, invalidErrorf("%s: %w", name, err)
	}
	return cp, nil
}

func newLedgerProve(s streams) *cobra.Command {
	var (
		seq          uint64
		from, output string
	)
	cmd := &cobra.Command{
		Use:   "prove DIR",
		Short: "make a proof that others can check without the ledger",
		Long: `prove makes a proof that entry --seq is in the ledger (C2SP tlog-proof, with the
entry inside), or with --from that the ledger extends an earlier checkpoint (the
add-checkpoint request of C2SP tlog-witness). merlon ledger verify --proof checks
both; so does any client of such logs.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("seq") == (from != "") {
				return usageErrorf("give either --seq or --from")
			}
			ctx, stop := interruptible()
			defer stop()
			var proof interface{ MarshalText() ([]byte, error) }
			var err error
			if from == "" {
				proof, err = ledger.Prove(ctx, args[0], seq)
			} else {
				var m ledger.Meta
				var old ledger.Checkpoint
				if m, err = ledger.ReadMeta(args[0]); err != nil {
					return ledgerError(args[0], err)
				}
				if old, err = readCheckpoint(from, m.Verifier); err != nil {
					return err
				}
				proof, err = ledger.ProveConsistency(ctx, args[0], old)
			}
			if err != nil {
				return ledgerError(args[0], err)
			}
			b, err := proof.MarshalText()
			if err != nil {
				return err
			}
			return writeOut(s, output, b)
		},
	}
	fl := cmd.Flags()
	fl.Uint64Var(&seq, "seq", 0, "number of the entry")
	fl.StringVar(&from, "from", "", "earlier checkpoint")
	fl.StringVar(&output, "output", "", "file to write to (default: stdout)")
	return cmd
}

// writeOut writes to a file or to stdout.
func writeOut(s streams, name string, b []byte) error {
	if name == "" {
		_, err := s.out.Write(b)
		return err
	}
	return safeio.WriteFile(name, 0o644, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

func newLedgerTail(s streams) *cobra.Command {
	var n int
	var format string
	cmd := &cobra.Command{
		Use:   "tail DIR",
		Short: "show the last entries",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if n < 1 || n > 100_000 {
				return usageErrorf("-n is %d; it goes from 1 to 100000", n)
			}
			if format != "table" && format != "json" {
				return usageErrorf("unknown format %q (one of table, json)", format)
			}
			if _, err := ledger.ReadMeta(args[0]); err != nil {
				return ledgerError(args[0], err)
			}
			var last []ledger.Entry
			err := ledger.Entries(args[0], func(e ledger.Entry) error {
				if len(last) == n {
					last = append(last[:0], last[1:]...)
				}
				last = append(last, e)
				return nil
			})
			for _, e := range last {
				if format == "json" {
					b, err := json.Marshal(e)
					if err != nil {
						return err
					}
					fmt.Fprintf(s.out, "%s\n", b)
				} else if err := printEntry(s.out, e); err != nil {
					return err
				}
			}
			return ledgerError(args[0], err)
		},
	}
	cmd.Flags().IntVarP(&n, "lines", "n", 10, "how many")
	cmd.Flags().StringVar(&format, "format", "table", "format on stdout: table, json (one entry a line)")
	return cmd
}

// printEntry shows an entry for people.
func printEntry(w io.Writer, e ledger.Entry) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d  %s  %s  %s", e.Seq, e.Time.Format(time.RFC3339), text.Visible(e.Actor.Subject), text.Visible(e.Action))
	if e.Decision != "" {
		fmt.Fprintf(&b, "  %s", e.Decision)
	}
	if e.Reason != "" {
		fmt.Fprintf(&b, "  (%s)", text.Visible(e.Reason))
	}
	b.WriteByte('\n')
	for _, d := range e.Subjects {
		fmt.Fprintf(&b, "   subject   %s\n", d)
	}
	for _, d := range e.Evidence {
		fmt.Fprintf(&b, "   evidence  %s\n", d)
	}
	if e.Policy != "" {
		fmt.Fprintf(&b, "   policy    %s\n", e.Policy)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func newLedgerExport(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "export DIR",
		Short: "write all entries as JSON lines",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if _, err := ledger.ReadMeta(args[0]); err != nil {
				return ledgerError(args[0], err)
			}
			out := bufio.NewWriter(s.out)
			enc := json.NewEncoder(out)
			enc.SetEscapeHTML(false)
			err := ledger.Entries(args[0], func(e ledger.Entry) error { return enc.Encode(e) })
			return errors.Join(ledgerError(args[0], err), out.Flush())
		},
	}
}

func newLedgerCheckpoint(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "checkpoint DIR",
		Short: "print the signed checkpoint, to be kept elsewhere",
		Long: `checkpoint prints the signed checkpoint of the ledger. Kept in another place, in git,
with a colleague, it later proves with merlon ledger verify --checkpoint that nothing
up to it was changed, and that no older copy was put in place.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			m, err := ledger.ReadMeta(args[0])
			if err != nil {
				return ledgerError(args[0], err)
			}
			cp, err := ledger.ReadCheckpoint(args[0], m)
			if err != nil {
				return ledgerError(args[0], err)
			}
			_, err = s.out.Write(cp.Note)
			return err
		},
	}
}
