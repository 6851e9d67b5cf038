package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/sign"
)

// RerunOptions say how to repeat a run.
type RerunOptions struct {
	Run            *evidence.TrainingRun
	Dir            string // where the inputs are
	InPlace        bool   // run there, over what is there; else in a copy of the inputs
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Signals        <-chan os.Signal // passed on to the command. Optional
}

// Compared is an output of a run beside that of its repetition.
type Compared struct {
	Name string `json:"name"`
	Want string `json:"want"` // SHA-256 in lower-case hex
	Got  string `json:"got"`  // "" when there is none
}

// Same reports whether the output came out the same.
func (c Compared) Same() bool { return c.Want == c.Got }

// Repetition is what came of a repeated run.
type Repetition struct {
	ExitCode int
	Outputs  []Compared
	Differs  []string // what is not as it was, apart from inputs
}

// ErrInputs is returned by [Rerun] if what went into the run is not there as it was:
// nothing was run.
var ErrInputs = errors.New("the run cannot be repeated here")

// Rerun runs a recorded step again, from inputs that have the digests of the record,
// and compares what comes out. By default it runs in a folder that holds nothing but
// these inputs, which also shows whether the record names all of them.
func Rerun(ctx context.Context, o RerunOptions) (*Repetition, error) {
	if slices.ContainsFunc(o.Run.Command, func(a string) bool { return strings.Contains(a, withheld) }) {
		return nil, fmt.Errorf("%w: credentials in its command were not recorded", ErrInputs)
	}
	dir, err := realPath(o.Dir)
	if err != nil {
		return nil, err
	}
	if err := sameInputs(ctx, dir, o.Run.Inputs); err != nil {
		return nil, err
	}
	path, err := program(dir, o.Run.Command[0])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotStarted, err)
	}
	work := dir
	if !o.InPlace {
		if work, err = os.MkdirTemp("", "merlon-reproduce-"); err != nil {
			return nil, err
		}
		defer os.RemoveAll(work)
		if err := copyInputs(dir, work, o.Run.Inputs); err != nil {
			return nil, err
		}
		for _, r := range o.Run.Outputs { // folders were there, and are no inputs
			if name := filepath.FromSlash(r.Name); filepath.IsLocal(name) {
				if err := os.MkdirAll(filepath.Join(work, filepath.Dir(name)), 0o755); err != nil {
					return nil, err
				}
			}
		}
	}
	out := &Repetition{}
	if c, err := code(ctx, dir); err == nil && c.Commit != o.Run.Code.Commit {
		out.Differs = append(out.Differs, fmt.Sprintf("the commit is %s and was %s", short(c.Commit), short(o.Run.Code.Commit)))
	}
	env := os.Environ()
	for name, v := range o.Run.Environment.Variables {
		if v != withheld {
			env = append(env, name+"="+v)
		}
	}
	s := &step{path, o.Run.Command, env, work, o.Stdin, o.Stdout, o.Stderr, o.Signals}
	if out.ExitCode, err = s.run(); err != nil {
		return nil, err
	}
	for _, r := range o.Run.Outputs {
		c := Compared{Name: r.Name, Want: r.Digest["sha256"]}
		if file := at(work, filepath.FromSlash(r.Name)); o.InPlace || filepath.IsLocal(filepath.FromSlash(r.Name)) {
			if id, err := sign.Identify(ctx, file, sign.IdentityOptions{}); err == nil {
				c.Got = id.SHA256
			}
		}
		out.Outputs = append(out.Outputs, c)
	}
	return out, nil
}

func short(commit string) string {
	if commit == "" {
		return "none"
	}
	return commit[:min(12, len(commit))]
}

// program finds what a command starts; one below the project stays there.
func program(dir, name string) (string, error) {
	if strings.ContainsRune(name, filepath.Separator) && !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	p, err := exec.LookPath(name)
	if err != nil {
		return "", err
	}
	return filepath.Abs(p)
}

func sameInputs(ctx context.Context, dir string, inputs []evidence.Resource) error {
	var wrong []string
	for _, r := range inputs {
		id, err := sign.Identify(ctx, at(dir, filepath.FromSlash(r.Name)), sign.IdentityOptions{})
		switch {
		case errors.Is(err, os.ErrNotExist):
			wrong = append(wrong, r.Name+" is missing")
		case err != nil:
			return err
		case !id.Subject().Matches(evidence.Subject{Digest: r.Digest}):
			wrong = append(wrong, r.Name+" is another")
		}
	}
	if n := len(wrong); n > 5 {
		wrong = append(wrong[:5], fmt.Sprintf("and %d more", n-5))
	}
	if wrong != nil {
		return fmt.Errorf("%w: input %s", ErrInputs, strings.Join(wrong, ", "))
	}
	return nil
}

// copyInputs copies what lies in the project; the rest is read where it is.
func copyInputs(from, to string, inputs []evidence.Resource) error {
	for _, r := range inputs {
		name := filepath.FromSlash(r.Name)
		if !filepath.IsLocal(name) {
			continue
		}
		src, dst := filepath.Join(from, name), filepath.Join(to, name)
		info, err := os.Stat(src)
		if err != nil {
			return err
		}
		if info.IsDir() {
			err = os.CopyFS(dst, os.DirFS(src))
		} else {
			err = copyFile(src, dst, info.Mode().Perm())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func copyFile(src, dst string, mode os.FileMode) (err error) {
	if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
		return err
	}
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(dst, os.O_CREATE|os.O_WRONLY|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}
