package tui

import (
	"strconv"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"
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
func quote(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = quoteArg(a)
	}
	return strings.Join(quoted, " ")
}

// quoteArg quotes one argument. A reference to a variable that an earlier command
// set, such as $ROLE_ARN, must stay one: it goes into double quotes.
func quoteArg(arg string) string {
	if !refersToVariable(arg) {
		return shellescape.Quote(arg)
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`").Replace(arg) + `"`
}

// refersToVariable finds $NAME or ${NAME} in upper case, as the commands of
// steps write them.
func refersToVariable(arg string) bool {
	for i := 0; i+1 < len(arg); i++ {
		if arg[i] != '$' {
			continue
		}
		next := strings.TrimPrefix(arg[i+1:], "{")
		if next != "" && 'A' <= next[0] && next[0] <= 'Z' {
			return true
		}
	}
	return false
}
