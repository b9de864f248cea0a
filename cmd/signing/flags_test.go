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

// What a shell, and the AWS CLI, make of a line that was joined and kept its
// backslashes was taken for a value that wants quotes.
func TestALineThatKeptItsBackslashesIsRecognised(t *testing.T) {
	b := newBench(t)
	for _, arg := range []string{`\`, `\ --certificate`, " --certificate", "\n--certificate", "\t  --certificate=x"} {
		if err := parse([]string{"--setup", "lab", arg}, new(options).flags()); err == nil || !strings.Contains(err.Error(), "continued by a backslash") {
			t.Errorf("%q: got %v, want it recognised", arg, err)
		}
	}
	if code := b.run(t, "credential-process --setup lab stray"); code != exitUsage || strings.Contains(b.errs.String(), "backslash") {
		t.Errorf("got exit %d, %s; want no backslash where there was none", code, b.errs.String())
	}
}
