package scan

// Interest says as data which files a scanner may want, so that the engine need not
// ask it about all the others. A file is a candidate when anything here fits it;
// [Scanner.Wants] then decides, with the first bytes at hand. The parts are compiled
// into one table for all scanners: what a file costs that nobody wants does not grow
// with their number.
//
// An interest must be wide enough: of a file that nothing here fits, the scanner
// never hears. What a format is known by belongs into Magics; names alone would let
// a renamed file pass.
type Interest struct {
	// Names are whole names without folders, in lower case: "config.json". Names of
	// files are compared without regard to case.
	Names []string
	// Suffixes are ends of names, in lower case and with their dot: ".gguf",
	// ".safetensors.index.json".
	Suffixes []string
	// Hints are those of derived files, as in [Derived].
	Hints []string
	// Magics are bytes at fixed places within the first [HeadSize].
	Magics []Magic
	// Tails are bytes anywhere within the last [TailSize].
	Tails []string
	// Text stands for every file that looks like text: one that is not empty and has
	// no zero byte in its first [HeadSize], or begins with a byte order mark.
	Text bool
}

// Magic is a sequence of bytes, at least one, at an offset from the start of a file.
type Magic struct {
	Offset int
	Bytes  string
}

// At is every one of the sequences at an offset.
func At(offset int, sequences ...string) []Magic {
	m := make([]Magic, len(sequences))
	for i, s := range sequences {
		m[i] = Magic{offset, s}
	}
	return m
}

// AnyByte is every byte of a set at an offset.
func AnyByte(offset int, set string) []Magic {
	m := make([]Magic, len(set))
	for i := range len(set) {
		m[i] = Magic{offset, set[i : i+1]}
	}
	return m
}

// YesIf is [Yes] if a condition holds, [No] if not.
func YesIf(wanted bool) Need {
	if wanted {
		return Yes
	}
	return No
}

// Wanted asks a scanner about one file as [Run] would, for callers that ask scanners
// themselves. fi has its head.
func Wanted(s Scanner, fi FileInfo) bool {
	if s.Info().Interest != nil {
		return s.Wants(fi) != No
	}
	name := fi
	name.Size, name.Head, name.src = -1, nil, nil
	switch s.Wants(name) {
	case No:
		return false
	case Yes:
		return true
	}
	return s.Wants(fi) != No
}

// Fits reports whether a file is a candidate, as tests of a scanner want to know. fi
// has its head.
func (in *Interest) Fits(fi FileInfo) (bool, error) {
	t, err := newTable([]*Interest{in})
	if err != nil {
		return false, err
	}
	var s set
	t.byName(fi, &s)
	t.byContent(fi, &s)
	return s.has(0), nil
}
