package tui

import (
	"strconv"
	"time"

	"anywhere/steps"
)

// count is a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// seconds is a time that was measured: 0.4 s, 12.3 s, 2 min 5 s.
func seconds(d time.Duration) string {
	if d < time.Minute {
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	}
	return whole(d)
}

// whole is a time that still runs, in whole seconds so that it moves calmly.
func whole(d time.Duration) string {
	s := int(d / time.Second)
	if s < 60 {
		return strconv.Itoa(s) + " s"
	}
	return strconv.Itoa(s/60) + " min " + strconv.Itoa(s%60) + " s"
}

// quote writes an argument list as one line of shell, without newlines.
func quote(args []string) string { return steps.Command{Args: args}.Line() }
