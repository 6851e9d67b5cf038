//go:build unix

package cachefile

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// private refuses a folder that somebody else could write.
func private(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder (a link to one is not followed)", dir)
	}
	if err := own(info); err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s has mode %04o and could be written or read by others: what is in it could have been made by anybody. Use a folder of mode 0700 (chmod 700 if it is yours alone)", dir, info.Mode().Perm())
	}
	return nil
}

// own refuses what belongs to somebody else.
func own(info fs.FileInfo) error {
	if s, ok := info.Sys().(*syscall.Stat_t); ok && int(s.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to the user with id %d, not to the one who runs merlon (%d)", info.Name(), s.Uid, os.Geteuid())
	}
	return nil
}
