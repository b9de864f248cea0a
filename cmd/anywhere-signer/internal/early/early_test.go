//go:build unix

package early

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"anywhere/cmd/signing"
	"anywhere/pki"
	"anywhere/pki/atomicfile"
	"anywhere/pki/decode"
	"anywhere/signer/cache"
	"anywhere/signer/home"
	sessions "anywhere/signer/kept"
	"anywhere/signer/pointer"
	"anywhere/signer/renewal"
	"anywhere/signer/session"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// world is a machine with a set-up named lab and an AWS that numbers its sessions.
type world struct {
	dir, root string // of everything, and ANYWHERE_HOME
	args      []string
	env       map[string]string
	now       time.Time
	endpoint  string
	asked     int
	broken    bool // AWS
	home      home.Home
	place     home.Setup
	session   home.Session
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), now: noon, args: []string{"credential-process", "--setup", "lab"}}
	w.root = filepath.Join(w.dir, "user", ".anywhere")
	w.env = map[string]string{"ANYWHERE_HOME": w.root}
	aws := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.asked++
		if w.broken {
			out.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		out.WriteHeader(http.StatusCreated)
		fmt.Fprintf(out, `{"credentialSet":[{"credentials":{"accessKeyId":"ASIA%d","secretAccessKey":"hush<&>","sessionToken":"token","expiration":%q}}]}`,
			w.asked, w.now.Add(time.Hour).Format(time.RFC3339))
	}))
	t.Cleanup(aws.Close)
	w.endpoint = aws.URL
	w.home = home.Home{Root: w.root, Disk: &atomicfile.Disk{}}
	w.place = w.home.Setup("lab")
	w.furnish(t)
	return w
}

// furnish writes a set-up as the wizard does.
func (w *world) furnish(t *testing.T) {
	t.Helper()
	caKey, key := must(pki.NewKey(pki.P256, rand.Reader)), must(pki.NewKey(pki.P256, rand.Reader))
	spec := pki.CASpec{Name: pki.Name{CommonName: "lab CA"}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.AddDate(1, 0, 0), Serial: must(pki.NewSerial(rand.Reader))}
	ca := must(pki.NewCA(spec, caKey, rand.Reader))
	leaf := must(pki.IssueLeaf(pki.LeafSpec{Name: pki.Name{CommonName: "lab"}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.AddDate(0, 1, 0), Serial: must(pki.NewSerial(rand.Reader))}, key.Public(), ca, caKey, rand.Reader))
	if err := w.home.Disk.Mkdir(w.place.Dir, home.DirPerm); err != nil {
		t.Fatal(err)
	}
	if err := w.home.Disk.Write(filepath.Join(w.place.Dir, "key.pem"), must(pki.EncodeKey(key)), home.SecretPerm); err != nil {
		t.Fatal(err)
	}
	w.session = home.Session{Setup: "lab", Mode: home.ModeCustom, Region: "us-east-1", Endpoint: w.endpoint,
		TrustAnchorARN: "arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/1", ProfileARN: "arn:aws:rolesanywhere:us-east-1:000000000000:profile/2",
		RoleARN: "arn:aws:iam::000000000000:role/lab", DurationSeconds: 3600, Certificate: leaf.Raw, Chain: [][]byte{ca.Raw}, Key: "key.pem"}
	w.rewrite(func(*home.Session) {})
}

// rewrite changes session.json.
func (w *world) rewrite(change func(*home.Session)) {
	change(&w.session)
	if err := w.home.WriteSession(w.place, w.session); err != nil {
		panic(err)
	}
}

func (w *world) getenv(name string) string { return w.env[name] }

// ordinary is what the program does after main.
func (w *world) ordinary(args []string) (out, errs string, code int) {
	var stdout, stderr bytes.Buffer
	code = signing.Run(context.Background(), args, signing.World{
		Program: "anywhere-signer", Version: "1.2.3", Stdout: &stdout, Stderr: &stderr, Getenv: w.getenv,
		Now: func() time.Time { return w.now }, Random: rand.Reader,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Start: func(renewal.Command) (renewal.Child, error) { return nil, errors.New("no such program") },
	})
	return stdout.String(), stderr.String(), code
}

// entry is the file of the one session that is kept.
func (w *world) entry() string {
	all := must(filepath.Glob(filepath.Join(w.home.Cache(), "*.json")))
	if len(all) != 1 {
		panic(fmt.Sprint("entries: ", all))
	}
	return all[0]
}

// photograph is all that lies in the world.
func (w *world) photograph() string {
	var all strings.Builder
	err := filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info := must(d.Info())
		fmt.Fprintln(&all, path, info.Mode(), info.Size(), info.ModTime())
		return nil
	})
	if err != nil {
		panic(err)
	}
	return all.String()
}

func chmod(path string, mode os.FileMode) {
	if err := os.Chmod(path, mode); err != nil {
		panic(err)
	}
}

// link puts a link in the place of a file or directory.
func link(path string) {
	if err := errors.Join(os.Rename(path, path+".real"), os.Symlink(path+".real", path)); err != nil {
		panic(err)
	}
}

// give gives a file to another user, and says whether this one may.
func give(path string) bool { return os.Lchown(path, 12345, 12345) == nil }

func put(path, text string) {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		panic(err)
	}
}

// plain is a command line of the shape that is answered early.
func plain(args ...string) func(*world) bool {
	return func(w *world) bool { w.args = append([]string{"credential-process"}, args...); return true }
}

// other is a command line that is not.
func other(args ...string) func(*world) bool {
	return func(w *world) bool { w.args = args; return false }
}

// changed changes session.json after a session was kept.
func changed(change func(*home.Session)) func(*world) bool {
	return func(w *world) bool { w.rewrite(change); return false }
}

// later moves the clock.
func later(d time.Duration, early bool) func(*world) bool {
	return func(w *world) bool { w.now = noon.Add(d); return early }
}

// set sets variables, in turn with their values.
func set(early bool, pairs ...string) func(*world) bool {
	return func(w *world) bool {
		for i := 0; i < len(pairs); i += 2 {
			w.env[pairs[i]] = pairs[i+1]
		}
		return early
	}
}

// spoilt does something to a file after which it is not to be trusted.
func spoilt(file func(*world) string, how func(path string)) func(*world) bool {
	return func(w *world) bool { how(file(w)); return false }
}

func mode(m os.FileMode) func(string) { return func(path string) { chmod(path, m) } }

// The changes are made to a world where a session is kept, and return whether it is
// still to be answered early. Where it is not, what the ordinary way does is its
// own affair, and tested there.
func TestTheEarlyAnswerIsTheOrdinaryOneOrNone(t *testing.T) {
	entry := (*world).entry
	sessionFile := func(w *world) string { return w.place.SessionFile() }
	setupDir := func(w *world) string { return w.place.Dir }
	cacheDir := func(w *world) string { return w.home.Cache() }
	root := func(w *world) string { return w.root }
	user := func(w *world) string { return filepath.Dir(w.root) }
	tests := map[string]func(*world) bool{
		"as it is":                      func(*world) bool { return true },
		"with an equals sign":           plain("--setup=lab"),
		"with the home":                 func(w *world) bool { w.env = nil; return plain("--setup", "lab", "--home", w.root)(w) },
		"with the home first":           func(w *world) bool { w.env = nil; return plain("--home="+w.root, "--setup=lab")(w) },
		"with a home that is not clean": func(w *world) bool { w.env["ANYWHERE_HOME"] = w.root + "/"; return false },
		"with HOME":                     func(w *world) bool { w.env = map[string]string{"HOME": filepath.Dir(w.root)}; return true },
		"with a relative HOME":          func(w *world) bool { w.env = map[string]string{"HOME": "user"}; return true },
		"with another HOME":             func(w *world) bool { w.env = map[string]string{"HOME": w.dir}; return false },
		"without HOME":                  func(w *world) bool { w.env = nil; return false },
		"without anything":              other(),
		"with another command":          other("version"),
		"with the command alone":        other("credential-process"),
		"with --setup alone":            other("credential-process", "--setup"),
		"with an empty name":            other("credential-process", "--setup", ""),
		"with an empty home":            other("credential-process", "--setup", "lab", "--home="),
		"with --setup twice":            other("credential-process", "--setup", "lab", "--setup", "lab"),
		"with --home twice": func(w *world) bool {
			return other("credential-process", "--setup=lab", "--home", "x", "--home", w.root)(w)
		},
		"with one hyphen":                other("credential-process", "-setup", "lab"),
		"with a name that leads out":     other("credential-process", "--setup", "../setups/lab"),
		"with another set-up":            other("credential-process", "--setup", "lab-2"),
		"with --no-cache":                other("credential-process", "--setup", "lab", "--no-cache"),
		"with --cache":                   other("credential-process", "--setup", "lab", "--cache"),
		"with --help":                    other("credential-process", "--setup", "lab", "--help"),
		"with --debug":                   other("credential-process", "--debug", "--setup", "lab"),
		"with a Region":                  other("credential-process", "--setup", "lab", "--region", "us-west-2"),
		"with a duration":                other("credential-process", "--setup", "lab", "--session-duration", "900"),
		"with an endpoint":               other("credential-process", "--setup", "lab", "--endpoint", "http://127.0.0.1:1"),
		"with a stray word":              other("credential-process", "--setup", "lab", "lab"),
		"nothing kept by the variable":   set(false, "ANYWHERE_NO_CACHE", "1"),
		"the variable says no":           set(true, "ANYWHERE_NO_CACHE", "0"),
		"other endpoints that lose":      set(true, "AWS_ENDPOINT_URL", "http://127.0.0.1:1", "AWS_ENDPOINT_URL_ROLESANYWHERE", "http://127.0.0.1:1", "AWS_USE_FIPS_ENDPOINT", "true"),
		"the key's file is gone":         func(w *world) bool { return os.Remove(filepath.Join(w.place.Dir, "key.pem")) == nil },
		"a second before it is stale":    later(40*time.Minute-time.Second, true),
		"when it is stale":               later(40*time.Minute, false),
		"when it has ended":              later(time.Hour, false),
		"with the clock a little back":   later(-5*time.Minute, true),
		"with the clock far back":        later(-6*time.Minute, false),
		"another certificate":            changed(func(s *home.Session) { s.Certificate = s.Chain[0] }),
		"another chain":                  changed(func(s *home.Session) { s.Chain = nil }),
		"another key":                    changed(func(s *home.Session) { s.Key = "other.pem" }),
		"a key in a TPM":                 changed(func(s *home.Session) { s.Key = "handle:0x81000001" }),
		"a key in a token":               changed(func(s *home.Session) { s.Key = "pkcs11:object=lab" }),
		"another role":                   changed(func(s *home.Session) { s.RoleARN += "2" }),
		"another trust anchor":           changed(func(s *home.Session) { s.TrustAnchorARN += "2" }),
		"another Roles Anywhere profile": changed(func(s *home.Session) { s.ProfileARN += "2" }),
		"another session name":           changed(func(s *home.Session) { s.RoleSessionName = "me" }),
		"another duration":               changed(func(s *home.Session) { s.DurationSeconds = 900 }),
		"another Region":                 changed(func(s *home.Session) { s.Region = "us-west-2" }),
		"another endpoint":               changed(func(s *home.Session) { s.Endpoint += "/prefix" }),
		"no endpoint any more":           changed(func(s *home.Session) { s.Endpoint = "" }),
		"a renewal is due":               changed(func(s *home.Session) { s.Renewal = home.Renewal{Program: "/anywhere", At: noon} }),
		"a renewal is due later": func(w *world) bool {
			w.rewrite(func(s *home.Session) { s.Renewal = home.Renewal{Program: "/anywhere", At: noon.Add(time.Second)} })
			return true
		},
		"AWS was silent a moment ago": func(w *world) bool {
			w.now, w.broken = noon.Add(50*time.Minute), true
			w.ordinary(w.args)
			w.now = noon.Add(51*time.Minute - time.Second)
			return true
		},
		"AWS was silent a minute ago": func(w *world) bool {
			w.now, w.broken = noon.Add(50*time.Minute), true
			w.ordinary(w.args)
			w.now = noon.Add(51 * time.Minute)
			return false
		},
		"session.json of another set-up":                changed(func(s *home.Session) { s.Setup = "lab-2" }),
		"session.json that is none":                     spoilt(sessionFile, func(path string) { put(path, "{") }),
		"session.json of a newer version":               spoilt(sessionFile, func(path string) { put(path, `{"schemaVersion":2}`) }),
		"session.json that a group may write":           spoilt(sessionFile, mode(0o620)),
		"session.json by a link":                        spoilt(sessionFile, link),
		"session.json of another user, if we may":       func(w *world) bool { return !give(w.place.SessionFile()) },
		"no session.json":                               spoilt(sessionFile, func(path string) { os.Remove(path) }),
		"a set-up by a link":                            spoilt(setupDir, link),
		"a set-up that a group may write":               spoilt(setupDir, mode(0o770)),
		"a home that a group may write":                 spoilt(root, mode(0o770)),
		"a home by a link":                              spoilt(root, link),
		"a home that everybody may replace":             spoilt(user, mode(0o777)),
		"a home that everybody may not":                 func(w *world) bool { chmod(user(w), 0o777|os.ModeSticky); return true },
		"a cache by a link":                             spoilt(cacheDir, link),
		"a cache that a group may write":                spoilt(cacheDir, mode(0o770)),
		"no cache":                                      spoilt(cacheDir, func(path string) { os.RemoveAll(path) }),
		"an entry that a group may read":                spoilt(entry, mode(0o640)),
		"an entry that others may write":                spoilt(entry, mode(0o602)),
		"an entry that only we may read":                func(w *world) bool { chmod(w.entry(), 0o400); return true },
		"an entry by a link":                            spoilt(entry, link),
		"an entry of another user, if we may":           func(w *world) bool { return !give(w.entry()) },
		"an entry that is a FIFO":                       spoilt(entry, func(path string) { os.Remove(path); syscall.Mkfifo(path, 0o600) }),
		"half an entry":                                 spoilt(entry, func(path string) { os.Truncate(path, 100) }),
		"an empty entry":                                spoilt(entry, func(path string) { os.Truncate(path, 0) }),
		"an entry of another version":                   spoilt(entry, func(path string) { replace(path, `"schemaVersion":2`, `"schemaVersion":1`) }),
		"an entry that answers another question":        spoilt(entry, func(path string) { replace(path, `"asked":"`, `"asked":"AAAA`) }),
		"an entry of a time that is none":               spoilt(entry, func(path string) { replace(path, "2026-11-22T13", "2026-11-32T13") }),
		"an entry of more than a mebibyte":              spoilt(entry, func(path string) { replace(path, `{`, "{"+strings.Repeat(" ", 1<<20)) }),
		"another file of the cache that is in disorder": func(w *world) bool { put(filepath.Join(w.home.Cache(), "lab.0.json"), "{"); return true },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) { differ(t, newWorld(t), change) })
	}
}

// The same, of a set-up whose endpoint the environment says.
func TestTheEarlyAnswerKnowsTheEndpointOfTheEnvironment(t *testing.T) {
	for name, change := range map[string]func(*world) bool{
		"the same": set(true),
		"another":  set(false, "AWS_ENDPOINT_URL_ROLESANYWHERE", "http://127.0.0.1:1"),
		"none":     set(false, "AWS_ENDPOINT_URL_ROLESANYWHERE", ""),
		"the general": func(w *world) bool {
			return set(true, "AWS_ENDPOINT_URL_ROLESANYWHERE", "", "AWS_ENDPOINT_URL", w.endpoint)(w)
		},
		"ignored":                       set(false, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
		"a switch that does not matter": set(true, "AWS_USE_FIPS_ENDPOINT", "yes"),
		"a switch that is none":         set(false, "AWS_ENDPOINT_URL_ROLESANYWHERE", "", "AWS_USE_FIPS_ENDPOINT", "yes"),
		"in mode aws":                   func(w *world) bool { w.rewrite(func(s *home.Session) { s.Mode = home.ModeAWS }); return true },
		"both, in aws": func(w *world) bool {
			w.rewrite(func(s *home.Session) { s.Mode = home.ModeAWS })
			return set(true, "AWS_ENDPOINT_URL", "http://127.0.0.1:1")(w)
		},
		"general in aws": func(w *world) bool {
			w.rewrite(func(s *home.Session) { s.Mode = home.ModeAWS })
			return set(false, "AWS_ENDPOINT_URL_ROLESANYWHERE", "", "AWS_ENDPOINT_URL", w.endpoint)(w)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.rewrite(func(s *home.Session) { s.Endpoint = "" })
			w.env["AWS_ENDPOINT_URL_ROLESANYWHERE"] = w.endpoint
			w.env["HTTPS_PROXY"] = "http://127.0.0.1:1" // nothing of these leaves the machine
			differ(t, w, change)
		})
	}
}

// differ keeps a session, makes a change and compares the two ways.
func differ(t *testing.T, w *world, change func(*world) bool) {
	t.Helper()
	t.Chdir(w.dir)
	first, errs, code := w.ordinary(w.args)
	if code != 0 || errs != "" || !strings.Contains(first, "ASIA1") {
		t.Fatalf("got %q, %q, exit %d of a run that keeps a session", first, errs, code)
	}
	want := change(w)
	before, asked := w.photograph(), w.asked
	early := kept(w.args, w.getenv, w.now)
	if after := w.photograph(); after != before || w.asked != asked {
		t.Errorf("asked AWS %d times, and changed\n%s\nto\n%s", w.asked-asked, before, after)
	}
	if (early != nil) != want {
		t.Errorf("got %q, want an answer %v", early, want)
	}
	if early == nil {
		return
	}
	out, errs, code := w.ordinary(w.args)
	if string(early) != out || errs != "" || code != 0 || w.asked != asked || out != first {
		t.Errorf("got %q; the ordinary way %q, %q, exit %d, AWS asked %d times; first %q", early, out, errs, code, w.asked-asked, first)
	}
}

func replace(path, old, now string) {
	data := string(must(os.ReadFile(path)))
	if !strings.Contains(data, old) {
		panic(old + " is not in " + data)
	}
	put(path, strings.Replace(data, old, now, 1))
}

// A key under a password is there so that having the disk is not enough.
func TestNothingIsAnsweredForASetupWhoseSessionsAreNotKept(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(w.place.Dir, "key.pem")
	key := must(decode.Key(must(os.ReadFile(file)), nil))
	put(file, string(must(pki.EncodeKeyLocked(key, []byte("hush-word"), rand.Reader))))
	w.env["WORD"] = "hush-word"
	if out, errs, code := w.ordinary(append(w.args, "--key-passphrase-env", "WORD")); code != 0 || out == "" {
		t.Fatalf("got exit %d, %q", code, errs)
	}
	if early := kept(w.args, w.getenv, w.now); early != nil {
		t.Errorf("got %q", early)
	}
}

// Only --cache keeps sessions of such a key. One that lies there all the same is
// not used.
func TestNothingIsAnsweredForAKeyInHardware(t *testing.T) {
	for ref, want := range map[string]bool{"handle:0x81000001": false, "pkcs11:object=lab": false, "key.pem": true} {
		w := newWorld(t)
		w.rewrite(func(s *home.Session) { s.Key = ref })
		c := cache.Cache{Root: w.root, Dir: w.home.Cache(), Disk: w.home.Disk, Now: func() time.Time { return w.now }}
		c.Keep(sessions.KeyOfSetup(pointer.Session(w.session), w.session.Target(), sessions.Asking{}, ref),
			session.Credentials{AccessKeyID: "ASIA", SecretAccessKey: "hush", SessionToken: "token", Expiration: noon.Add(time.Hour), ExpirationText: "2026-11-22T13:00:00Z"})
		if early := kept(w.args, w.getenv, w.now); (early != nil) != want {
			t.Errorf("%s: got %q, want an answer %v", ref, early, want)
		}
	}
}

// short takes some bytes and then no more.
type short struct {
	took int
	err  error
}

func (s short) Write(p []byte) (int, error) { return min(s.took, len(p)), s.err }

func TestTheProgramEndsWellOnlyIfAllWasWritten(t *testing.T) {
	full := errors.New("write /dev/stdout: no space left on device")
	tests := map[string]struct {
		out  short
		code int
		done bool
		says string
	}{
		"all of it":      {short{100, nil}, 0, true, ""},
		"nothing of it":  {short{0, full}, 0, false, ""}, // and the ordinary way says so
		"a part of it":   {short{3, full}, 1, true, "anywhere: write /dev/stdout: no space left on device\n"},
		"all, and wrong": {short{100, full}, 1, true, "anywhere: write /dev/stdout: no space left on device\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var errs bytes.Buffer
			code, done := deliver([]byte("answer"), tt.out, &errs)
			if code != tt.code || done != tt.done || errs.String() != tt.says {
				t.Errorf("got exit %d, done %v, %q; want %d, %v, %q", code, done, errs.String(), tt.code, tt.done, tt.says)
			}
		})
	}
}
