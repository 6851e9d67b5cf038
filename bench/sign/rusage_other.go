//go:build !linux

package main

import (
	"os"
	"time"
)

func maxRSS(*os.ProcessState) int64 { return 0 }

func processorTime() time.Duration { return 0 }
