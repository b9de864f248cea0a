package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/steps"
)

// cas lists what lies in the home's room for CAs.
func (b *bench) cas(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(b.home, ".anywhere", "ca"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// A CA of no set-up that was killed in the making once left a key without a
// certificate, and nobody who knew of it.
func TestACAThatIsKilledInTheMakingIsFinishedByTheNextRun(t *testing.T) {
	create := []string{"ca", "create", "--name", "office", "--json"}
	cert, key := rootThatStands(t)
	for name, tt := range map[string]struct {
		answers func(b *bench) []string
		away    []string // keys that the user keeps
		least   int
	}{
		"its key lies here": {func(*bench) []string { return []string{"--set", "ca.protection=none"} }, nil, 7},
		"below a root that stands": {func(*bench) []string {
			return []string{"--under", cert, "--root-key", key, "--set", "ca.protection=none"}
		}, nil, 7},
		"both keys lie elsewhere": {func(b *bench) []string {
			return []string{"--set", "ca.shape=intermediate", "--set", "ca.root-protection=external", "--set", "ca.root-file=" + filepath.Join(b.dir, "root.key"),
				"--set", "ca.protection=external", "--set", "ca.external-file=" + filepath.Join(b.dir, "ca.key")}
		}, []string{"root.key", "ca.key"}, 9},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := newBench(t)
			moments := whole.moments(t, append(slices.Clone(create), tt.answers(whole)...)...)
			if len(moments) < tt.least {
				t.Fatalf("making a CA has only %d moments", len(moments))
			}
			everyMoment(t, moments, func(t *testing.T, stop string) {
				b := newBench(t)
				args := append(slices.Clone(create), tt.answers(b)...)
				code, said, _ := b.run(t, stop, args...)
				if code != killed {
					t.Fatalf("exit %d, want %d\n%s", code, killed, said)
				}
				keys := map[string]string{}
				for _, name := range tt.away {
					if data, err := os.ReadFile(filepath.Join(b.dir, name)); err == nil {
						keys[name] = string(data)
					}
				}
				var seen struct{ UnfinishedCAs []steps.BegunCA }
				if err := json.Unmarshal([]byte(b.says(t, "status", "--json")), &seen); err != nil {
					t.Fatal(err)
				}
				begun := slices.ContainsFunc(b.cas(t), func(name string) bool { return strings.HasSuffix(name, ".making") })
				if begun != (len(seen.UnfinishedCAs) == 1) || begun && !slices.Equal(seen.UnfinishedCAs[0].GoOn, []string{"anywhere", "ca", "create", "--name", "office"}) {
					t.Errorf("status names %+v, there are %q", seen.UnfinishedCAs, b.cas(t))
				}
				if begun {
					args = create // by the answers of the run that was killed
				}
				if begun || said == "" {
					said = b.says(t, args...)
				} // else it was told before the kill
				var made steps.CreatedCA
				if err := json.Unmarshal([]byte(said), &made); err != nil {
					t.Fatal(err)
				}
				if made.Resumed != begun {
					t.Errorf("resumed is %t, begun was %t", made.Resumed, begun)
				}
				if left := b.cas(t); len(left) != 1 && (len(left) != 2 || left[1] != "lock") {
					t.Errorf("in the room for CAs lie %q", left)
				}
				if below := strings.HasPrefix(made.Anchor.Subject, "CN=standing"); below != (name == "below a root that stands") {
					t.Errorf("it stands below %s", made.Anchor.Subject)
				}
				if err := pki.MatchKey(certIn(t, readFile(t, made.Certificate.Path)), must(decode.Key([]byte(readFile(t, made.Key)), nil))); err != nil {
					t.Error(err)
				}
				for name, was := range keys {
					if readFile(t, filepath.Join(b.dir, name)) != was {
						t.Errorf("%s was overwritten", name)
					}
				}
			})
		})
	}
}

// says runs the program, which must succeed, and returns what it says.
func (b *bench) says(t *testing.T, args ...string) string {
	t.Helper()
	code, said, _ := b.run(t, "", args...)
	if code != exitDone {
		t.Fatalf("anywhere %s: exit %d\n%s", strings.Join(args, " "), code, said)
	}
	return said
}

// What the stopped run was told can be told otherwise, until the CA stands.
func TestACAThatWasBegunCanBeMadeByOtherAnswers(t *testing.T) {
	t.Parallel()
	usb := func(b *bench, name string) []string {
		return []string{"--set", "ca.protection=external", "--set", "ca.external-file=" + filepath.Join(b.dir, name)}
	}
	create := []string{"ca", "create", "--name", "office"}
	first := newBench(t)
	begun := first.done(t, append(slices.Clone(create), usb(first, "one.key")...)...)
	key := slices.Index(begun, "create "+filepath.Join(first.dir, "one.key")) + 1
	end := slices.IndexFunc(begun, func(w string) bool { return strings.HasPrefix(w, "remove ") && strings.HasSuffix(w, ".making") }) + 1
	if key == 0 || end == 0 {
		t.Fatalf("the key is write %d, the end %d of %q", key, end, begun)
	}
	b := newBench(t)
	b.die(t, fmt.Sprintf("after:%d", key), append(slices.Clone(create), usb(b, "one.key")...)...)
	said := b.says(t, append(slices.Clone(create), usb(b, "two.key")...)...)
	if want := filepath.Join(b.dir, "one.key") + ", the key that the stopped run wrote"; !strings.Contains(said, want) || len(b.cas(t)) != 1 {
		t.Errorf("want %q in\n%s\nand there are %q", want, said, b.cas(t))
	}
	b = newBench(t)
	b.die(t, fmt.Sprintf("before:%d", end), append(slices.Clone(create), usb(b, "one.key")...)...)
	code, said, _ := b.run(t, "", append(slices.Clone(create), usb(b, "two.key")...)...)
	if code == exitDone || !strings.Contains(said, "a run that was stopped has made it") || exists(filepath.Join(b.dir, "two.key")) {
		t.Errorf("a CA that stands was made otherwise: exit %d\n%s", code, said)
	}
	b.done(t, create...)
}

// rootThatStands is a root that may sign a CA: the files of its certificate and its key.
func rootThatStands(t *testing.T) (cert, key string) {
	t.Helper()
	signer, now := must(pki.NewKey(pki.P256, rand.Reader)), time.Now()
	root := must(pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "standing root"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0), PathLen: 1}, signer, rand.Reader))
	return put(t, pki.EncodeCertificates(root)), put(t, must(pki.EncodeKey(signer)))
}
