package scan

import "syscall"

func changeTime(s *syscall.Stat_t) (sec, nsec int64) { return int64(s.Ctim.Sec), int64(s.Ctim.Nsec) }
