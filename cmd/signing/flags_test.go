package signing

import (
	"slices"
	"strings"
	"testing"
)

// The pairs are those of AWS's helper 1.8.0, whose credential-process was tried
// with each: "if any flags in the group [...] are set none of the others can be".
func TestWhatExcludesEachOtherInAWSHelperDoesSoHere(t *testing.T) {
	pairs := [][2]string{
		{"certificate", "cert-selector"},
		{"certificate", "system-store-name"},
		{"private-key", "cert-selector"},
		{"private-key", "system-store-name"},
		{"private-key", "use-latest-expiring-certificate"},
		{"use-latest-expiring-certificate", "intermediates"},
		{"use-latest-expiring-certificate", "reuse-pin"},
		{"cert-selector", "intermediates"},
		{"cert-selector", "reuse-pin"},
		{"system-store-name", "reuse-pin"},
		{"tpm-key-password", "cert-selector"},
		{"tpm-key-password", "reuse-pin"},
		{"no-tpm-key-password", "cert-selector"},
		{"no-tpm-key-password", "tpm-key-password"},
		{"pkcs8-password", "tpm-key-password"},
	}
	for _, pair := range append(pairs, [2]string{"cache", "no-cache"}, [2]string{"pkcs8-password", "key-passphrase-fd"}) {
		for range 2 {
			b := newBench(t)
			line := "credential-process"
			for _, name := range pair {
				line += " --" + name
				if f, _ := find(new(options).flags(), name); f.text != nil {
					line += " hush-word"
				}
			}
			code := b.run(t, line)
			if said := b.errs.String(); code != 2 || !strings.Contains(said, "only one of them can be given") || !strings.Contains(said, "--"+pair[0]+" ") && !strings.Contains(said, "--"+pair[0]+":") || strings.Contains(said, "hush") {
				t.Errorf("%s: got exit %d, %q", line, code, said)
			}
			pair[0], pair[1] = pair[1], pair[0]
		}
	}
}

func TestFlagsExcludeFlagsThatExist(t *testing.T) {
	all := new(options).flags()
	for _, f := range all {
		for other := range strings.FieldsSeq(f.excludes) {
			if !slices.ContainsFunc(all, func(g flag) bool { return g.name == other }) {
				t.Errorf("--%s excludes --%s, which is no flag", f.name, other)
			}
		}
	}
}

// An odd number of words of which none has an equals sign has a switch among them.
func FuzzParse(f *testing.F) {
	for _, line := range []string{"--setup lab --no-cache", "--session-duration=900 --debug=false", `\ --x`, "--", "--=", "--cert-selector x --certificate y", "--timeout 99999999999999999999", "-h"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		var o options
		args := strings.Split(line, " ")
		if err := parse(args, o.flags()); err == nil && len(args)%2 == 1 && !strings.ContainsAny(line, "=") && o == (options{}) {
			t.Errorf("%q: a flag was taken and changed nothing", line)
		}
	})
}
