package scan

import "syscall"

func changeTime(s *syscall.Stat_t) (sec, nsec int64) { return s.Ctimespec.Sec, s.Ctimespec.Nsec }
