package executable_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/engine/executable"
)

// pe is the smallest header that Windows takes for a program.
func pe(stub uint32) []byte {
	b := make([]byte, stub+24)
	copy(b, "MZ")
	binary.LittleEndian.PutUint32(b[0x3c:], stub)
	copy(b[stub:], "PE\x00\x00\x64\x86")
	return b
}

func elf(class, data byte) []byte {
	b := make([]byte, 64)
	copy(b, "\x7fELF")
	b[4], b[5], b[6] = class, data, 1
	if data == 1 {
		b[16], b[20] = 3, 1
	} else {
		b[17], b[23] = 3, 1
	}
	return b
}

func TestDetect(t *testing.T) {
	pad := strings.Repeat("\x00", 64)
	for name, tt := range map[string]struct {
		content string
		want    executable.Kind
	}{
		"elf 64":              {string(elf(2, 1)), executable.ELF},
		"elf 32 big-endian":   {string(elf(1, 2)), executable.ELF},
		"elf magic alone":     {"\x7fELF" + pad, executable.None},
		"pe":                  {string(pe(0x80)), executable.PE},
		"pe, long stub":       {string(pe(0x9000)), executable.PE},
		"mz alone":            {"MZ" + pad, executable.None},
		"mz, no pe":           {"MZ" + strings.Repeat("\x40", 200), executable.None},
		"ape":                 {"MZqFpD='\n" + pad, executable.APE},
		"ape without windows": {"jartsr='\n" + pad, executable.APE},
		"mach-o":              {"\xcf\xfa\xed\xfe\x0c\x00\x00\x01\x00\x00\x00\x00\x02\x00\x00\x00" + pad, executable.MachO},
		"mach-o, odd cpu":     {"\xcf\xfa\xed\xfe\x0c\x77\x00\x01\x00\x00\x00\x00\x02\x00\x00\x00" + pad, executable.None},
		"fat mach-o":          {"\xca\xfe\xba\xbe\x00\x00\x00\x02\x01\x00\x00\x07" + pad, executable.FatMach},
		"class":               {"\xca\xfe\xba\xbe\x00\x00\x00\x3d\x00\x10" + pad, executable.Class},
		"wasm":                {"\x00asm\x01\x00\x00\x00", executable.Wasm},
		"wasm, odd version":   {"\x00asm\x01\x02\x00\x00", executable.None},
		"dex":                 {"dex\n035\x00" + pad, executable.Dex},
		"lnk":                 {"L\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00F", executable.Link},
		"script":              {"#!/bin/sh\necho merlon-test\n", executable.Script},
		"script, spaces":      {"#! /usr/bin/env python3\r\n", executable.Script},
		"shebang in weights":  {"#!\x91\x03/" + pad, executable.None},
		"markdown":            {"#!important\n", executable.None},
		"batch":               {"@ECHO OFF\r\n", executable.DOS},
		"email":               {"@example\n", executable.None},
		"empty":               {"", executable.None},
	} {
		if got := executable.Detect(strings.NewReader(tt.content), int64(len(tt.content))); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestTheRunningProgramIsOne(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if k := executable.Detect(f, info.Size()); !k.Native() {
		t.Errorf("this test is %q", k)
	}
}

// Weights are nearly random bytes; even when they begin with a magic, the rest of
// the header gives them away.
func TestRandomBytesAfterMagic(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, magic := range []string{"MZ", "#!", "\x7fELF", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe", "dex\n", "L\x00\x00\x00"} {
		for range 20_000 {
			b := make([]byte, 300)
			for i := range b {
				b[i] = byte(rng.Uint32())
			}
			copy(b, magic)
			if k := executable.Detect(bytes.NewReader(b), int64(len(b))); k != executable.None {
				t.Errorf("%q with random bytes is %q", magic, k)
				break
			}
		}
	}
}

func FuzzDetect(f *testing.F) {
	f.Add(pe(0x80))
	f.Add(elf(2, 1))
	f.Add([]byte("#!/bin/sh\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if executable.Detect(bytes.NewReader(b), int64(len(b))) != executable.None && !executable.Maybe(b) {
			t.Error("detected what was not worth a look")
		}
	})
}
