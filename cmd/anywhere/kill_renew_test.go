package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/atomicfile"
	"anywhere/signer"
	"anywhere/signer/home"
	"anywhere/steps"
)

// copied is the same machine once more, in a folder of its own, with the same AWS:
// a renewal changes nothing there.
func (b *bench) copied(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	other := &bench{cloud: b.cloud, dir: dir, home: filepath.Join(dir, "home"), program: b.program}
	if err := os.CopyFS(other.home, os.DirFS(b.home)); err != nil {
		t.Fatal(err)
	}
	// CopyFS gives files the modes that it likes.
	if err := filepath.Walk(b.home, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		return os.Chmod(filepath.Join(other.home, strings.TrimPrefix(path, b.home)), info.Mode().Perm())
	}); err != nil {
		t.Fatal(err)
	}
	return other
}

// serials are what session.json of each set-up points to; each must be whole and
// get a session.
func (b *bench) serials(t *testing.T, names ...string) (all []string) {
	t.Helper()
	h := must(home.Open(filepath.Join(b.home, ".anywhere"), nil))
	client := signer.Client{Now: time.Now, AllowHTTP: true, Deadline: 10 * time.Second}
	for _, name := range names {
		session, id, err := h.ReadIdentity(h.Setup(name), nil)
		if err == nil {
			err = pki.MatchKey(id.Certificate, id.Key)
		}
		if err != nil {
			t.Fatalf("%s: a mixed pair: %v", name, err)
		}
		serial := pki.SerialOf(id.Certificate).Hex()
		if session.Key != "pairs/"+serial+"/key.pem" {
			t.Errorf("%s: the key is %s and the certificate %s", name, session.Key, serial)
		}
		if _, err := client.CreateSession(t.Context(), session.Target(), id); err != nil {
			t.Errorf("%s: no credentials: %v", name, err)
		}
		all = append(all, serial)
	}
	return all
}

// strays are the pairs on the disk that the journal does not know, and the other
// way round.
func (b *bench) strays(t *testing.T, name string) (strays []string) {
	t.Helper()
	h := must(home.Open(filepath.Join(b.home, ".anywhere"), nil))
	journal := must(steps.OpenJournal(h.Setup(name).JournalFile(), &atomicfile.Disk{}))
	known := []string{}
	for _, made := range journal.Standing() {
		if made.Change == "certificate.issue" {
			known = append(known, made.Ref)
		}
	}
	there := must(filepath.Glob(filepath.Join(h.Setup(name).Dir, "pairs", "*")))
	for i, path := range there {
		there[i] = "setups/" + name + "/pairs/" + filepath.Base(path)
		if !slices.Contains(known, there[i]) {
			strays = append(strays, "only on the disk: "+there[i])
		}
		if files, err := os.ReadDir(path); err != nil || len(files) != 2 {
			strays = append(strays, fmt.Sprintf("half a pair: %s with %v", path, files))
		}
	}
	for _, ref := range known {
		if !slices.Contains(there, ref) {
			strays = append(strays, "only in the journal: "+ref)
		}
	}
	if begun := journal.Begun(); len(begun) > 0 {
		strays = append(strays, "nobody knows the outcome of "+begun[0].ID)
	}
	return strays
}

// lengthen gives a set-up so much past that the next renewal compacts its journal,
// and a pair whose life is over, which it removes.
func (b *bench) lengthen(t *testing.T, name string) {
	t.Helper()
	h := must(home.Open(filepath.Join(b.home, ".anywhere"), nil))
	key, ended := must(pki.NewKey(pki.P256, rand.Reader)), time.Now().AddDate(0, 0, -1)
	cert := must(pki.NewCA(pki.CASpec{Name: pki.Name{CommonName: "ended"}, NotBefore: ended.AddDate(0, 0, -1), NotAfter: ended, Serial: must(pki.NewSerial(rand.Reader))}, key, rand.Reader))
	serial := pki.SerialOf(cert).Hex()
	writeFile(t, filepath.Join(h.Setup(name).Pair(serial), "key.pem"), string(must(pki.EncodeKey(key))), 0o600)
	writeFile(t, filepath.Join(h.Setup(name).Pair(serial), "certificate.pem"), string(pki.EncodeCertificates(cert)), 0o600)
	past := fmt.Sprintf(`{"at":"2026-01-01T00:00:00Z","did":{"change":"certificate.issue","step":"certificate","noun":"c","name":"n","ref":"setups/%s/pairs/%s","uid":"ended","ownership":"created"}}`+"\n", name, serial)
	for n := range 60 {
		made := fmt.Sprintf(`{"change":"certificate.issue","step":"certificate","noun":"c","name":"n","ref":"setups/%s/pairs/%d","uid":"%d","ownership":"created"}`, name, n, n)
		past += `{"at":"2026-01-01T00:00:00Z","will":{"id":"certificate.issue","step":"certificate","verb":"create","noun":"c","name":"n"}}` + "\n" +
			`{"at":"2026-01-01T00:00:00Z","did":` + made + "}\n" + `{"at":"2026-01-01T00:00:00Z","undo":` + made + "}\n" + `{"at":"2026-01-01T00:00:00Z","undone":` + made + "}\n"
	}
	path := h.Setup(name).JournalFile()
	begin, rest, _ := strings.Cut(readFile(t, path), "\n")
	writeFile(t, path, begin+"\n"+past+rest, 0o600)
}

// Killed at any write of a renewal: what is in use is the old pair or the new one,
// whole, and gets credentials; the next run finishes and leaves nothing astray.
func TestARenewalThatIsKilledAtAnyWriteIsFinishedByTheNextRun(t *testing.T) {
	for name, setups := range map[string][]string{"alone": {"box"}, "shared": {"box", "two"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := newBench(t)
			first.done(t, setupWithAnswers()...)
			for _, other := range setups[1:] {
				first.done(t, "setup", "--name", other, "--yes", "--account", cloudAccount, "--set", "where=aws", "--set", "leaf.setup=box", "--set", "proof.stranger=no")
			}
			for _, name := range setups {
				first.lengthen(t, name)
			}
			old := first.serials(t, "box")[0]
			renew := []string{"cert", "renew", "--setup", "box"}
			moments := first.copied(t).moments(t, renew...)
			if len(moments) < 12*len(setups) {
				t.Fatalf("a renewal has only %d moments", len(moments))
			}
			everyMoment(t, moments, func(t *testing.T, stop string) {
				b := first.copied(t)
				b.die(t, stop, renew...)
				killed := b.serials(t, setups...)
				b.done(t, renew...)
				after := b.serials(t, setups...)
				for i, setup := range setups {
					if after[i] == old || after[i] != after[0] {
						t.Errorf("%s had %s, after the kill %s, and after the next run %s; the others have %s", setup, old, killed[i], after[i], after[0])
					}
					if strays := b.strays(t, setup); len(strays) > 0 {
						t.Errorf("%s: %q", setup, strays)
					}
				}
			})
		})
	}
}
