package doctor

import (
	"slices"
	"strings"

	"anywhere/signer/sharedconfig"
)

// unwrap looks through a program that only starts the signer: a shell with -c,
// sudo, env and the like. It returns what stands before the signer, the signer's
// own words, and whether a shell reads them first.
func unwrap(words []string) (wrapper string, inner []string, shell bool) {
	if len(words) < 2 {
		return "", words, false
	}
	first := programName(words[0])
	switch {
	case slices.Contains([]string{"sh", "bash", "dash", "zsh", "ash"}, first) && len(words) == 3 && strings.HasPrefix(words[1], "-") && strings.HasSuffix(words[1], "c"):
		inner, err := sharedconfig.Split(strings.TrimPrefix(words[2], "exec "))
		if err == nil && len(inner) > 0 && signerName(inner[0]) {
			return words[0] + " " + words[1], inner, true
		}
	case slices.Contains([]string{"sudo", "doas", "env", "nice", "ionice", "timeout", "exec", "command", "time", "nohup", "setsid", "stdbuf", "busybox"}, first):
		if at := slices.IndexFunc(words[1:], signerName); at >= 0 {
			return strings.Join(words[:at+1], " "), words[at+1:], false
		}
	}
	return "", words, false
}
