// Command sign measures how fast models are signed and verified, against Go's own
// SHA-256 over the same files and cores, and against model_signing in the same run.
//
//	go run ./bench/sign -merlon bin/merlon -dir .cache/bench-sign
//
// The files are random, so that no file system compresses or skips them. A machine that
// does other work makes wall times worthless: compare processor time then.
package main

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

func main() {
	var b bench
	flag.StringVar(&b.merlon, "merlon", "bin/merlon", "program to measure")
	flag.StringVar(&b.dir, "dir", ".cache/bench-sign", "folder for the files")
	flag.IntVar(&b.files, "files", 20, "number of files")
	flag.Int64Var(&b.size, "size", 200_000_000, "bytes of each")
	flag.StringVar(&b.python, "python", "", "Python with model_signing; empty: without")
	flag.IntVar(&b.rounds, "rounds", 3, "rounds; the best counts")
	flag.Parse()
	if err := b.run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	merlon, dir, python string
	files, rounds       int
	size                int64
}

// cost is what one run took.
type cost struct {
	wall, cpu time.Duration
	rss       int64 // bytes
}

func (b bench) run() error {
	model := filepath.Join(b.dir, "model")
	if err := b.generate(model); err != nil {
		return err
	}
	key := filepath.Join(b.dir, "bench")
	if _, err := os.Stat(key + ".key"); err != nil {
		if out, err := exec.Command(b.merlon, "key", "generate", key).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
	}
	sig, peerSig := filepath.Join(b.dir, "m.sig"), filepath.Join(b.dir, "p.sig")
	type contestant struct {
		name string
		run  func() (cost, error)
	}
	list := []contestant{
		{"crypto/sha256", func() (cost, error) { return hashAll(model) }},
		{"merlon sign", func() (cost, error) { return measure(b.merlon, "sign", model, "--key", key+".key", "--output", sig) }},
		{"merlon verify", func() (cost, error) {
			return measure(b.merlon, "verify", model, "--key", key+".pub", "--signature", sig)
		}},
	}
	if b.python != "" {
		call := func(args ...string) (cost, error) {
			return measure(b.python, append([]string{"-m", "model_signing"}, args...)...)
		}
		list = append(list,
			contestant{"model_signing sign", func() (cost, error) {
				return call("sign", "key", model, "--private_key", key+".key", "--signature", peerSig)
			}},
			contestant{"model_signing verify", func() (cost, error) {
				return call("verify", "key", model, "--public_key", key+".pub", "--signature", peerSig)
			}})
	}
	best := map[string]cost{}
	for range b.rounds { // round by round, so that all of them meet the same machine
		for _, c := range list {
			got, err := c.run()
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			old, seen := best[c.name]
			if !seen || got.wall < old.wall {
				best[c.name] = cost{got.wall, got.cpu, max(got.rss, old.rss)}
			} else if got.rss > old.rss {
				old.rss = got.rss
				best[c.name] = old
			}
		}
	}
	total := float64(b.size) * float64(b.files)
	base := best["crypto/sha256"]
	fmt.Printf("%d files of %d MB, %d cores, best of %d\n\n", b.files, b.size/1e6, runtime.GOMAXPROCS(0), b.rounds)
	fmt.Println("| | GB/s | CPU s | of crypto/sha256 (wall) | (CPU) | RSS MB |\n|---|---|---|---|---|---|")
	failed := false
	for _, c := range list {
		got := best[c.name]
		wall, cpu := float64(base.wall)/float64(got.wall), float64(base.cpu)/float64(got.cpu)
		fmt.Printf("| %s | %.2f | %.2f | %.0f %% | %.0f %% | %d |\n", c.name, total/got.wall.Seconds()/1e9, got.cpu.Seconds(), 100*wall, 100*cpu, got.rss>>20)
		if c.name == "merlon sign" || c.name == "merlon verify" {
			failed = failed || wall < 0.85 || got.rss > 100<<20
		}
	}
	if failed {
		return errors.New("a target was missed: 85 % of crypto/sha256, 100 MB")
	}
	return nil
}

// generate writes what is not there yet.
func (b bench) generate(model string) error {
	if err := os.MkdirAll(model, 0o755); err != nil {
		return err
	}
	for i := range b.files {
		name := filepath.Join(model, fmt.Sprintf("part-%02d.bin", i))
		if info, err := os.Stat(name); err == nil && info.Size() == b.size {
			continue
		}
		f, err := os.Create(name)
		if err != nil {
			return err
		}
		var seed [32]byte
		seed[0] = byte(i)
		if _, err := io.CopyN(f, rand.NewChaCha8(seed), b.size); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// hashAll is what a plain Go program does: every core reads and hashes whole files.
func hashAll(model string) (cost, error) {
	names, err := filepath.Glob(filepath.Join(model, "*.bin"))
	if err != nil {
		return cost{}, err
	}
	before := processorTime()
	start := time.Now()
	work := make(chan string)
	failures := make(chan error, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			buf := make([]byte, 1<<20)
			for name := range work {
				f, err := os.Open(name)
				if err == nil {
					_, err = io.CopyBuffer(struct{ io.Writer }{sha256.New()}, struct{ io.Reader }{f}, buf)
					_ = f.Close()
				}
				if err != nil {
					failures <- err
					return
				}
			}
		})
	}
	for _, name := range names {
		select {
		case work <- name:
		case err := <-failures:
			return cost{}, err
		}
	}
	close(work)
	wg.Wait()
	return cost{wall: time.Since(start), cpu: processorTime() - before}, nil
}

func measure(name string, args ...string) (cost, error) {
	cmd := exec.Command(name, args...)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return cost{}, fmt.Errorf("%w: %s", err, out)
	}
	return cost{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), rss: maxRSS(cmd.ProcessState)}, nil
}
