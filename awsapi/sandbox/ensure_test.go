package sandbox

import (
	"crypto/rand"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// ports counts the ports that this process has given away.
var ports atomic.Int32

// freePort is a port that nobody listens on, and that nobody gets who asks for any:
// systems take those from 32768 up. It was one of these, and another test that ran
// could have it before it was used.
func freePort(t *testing.T) int {
	t.Helper()
	for range 1000 {
		port := 20000 + (os.Getpid()*50+int(ports.Add(1)))%12000
		if l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// kept is a configuration whose directory remembers a free port, so that tests
// do not meet at 9912.
func kept(t *testing.T) (Config, int) {
	t.Helper()
	cfg := Config{Dir: t.TempDir(), Now: func() time.Time { return noon }, Random: rand.Reader}
	port := freePort(t)
	if err := os.WriteFile(filepath.Join(cfg.Dir, "port"), []byte(strconv.Itoa(port)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return cfg, port
}

func TestARunningSandboxIsUsed(t *testing.T) {
	cfg, port := kept(t)
	first, err := Ensure(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if want := "http://127.0.0.1:" + strconv.Itoa(port); first.URL != want || !first.Serves() {
		t.Errorf("got %s serving %v, want %s at the kept port", first.URL, first.Serves(), want)
	}
	second, err := Ensure(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if second.Serves() || second.URL != first.URL || second.Admin != first.Admin {
		t.Errorf("got %+v, want the first one", second)
	}
	if err := errors.Join(second.Close(), first.Close()); err != nil {
		t.Fatal(err)
	}
	third, err := Ensure(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	if !third.Serves() || third.URL != first.URL {
		t.Errorf("got %+v, want it served again at the same port", third)
	}
}

func TestAnotherSandboxAtThePortIsNotTaken(t *testing.T) {
	one, port := kept(t)
	first, err := Ensure(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	other := Config{Dir: t.TempDir(), Now: one.Now, Random: rand.Reader}
	if err := os.WriteFile(filepath.Join(other.Dir, "port"), []byte(strconv.Itoa(port)), 0o600); err != nil {
		t.Fatal(err)
	}
	second, err := Ensure(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if !second.Serves() || second.URL == first.URL {
		t.Errorf("got %s, want a port of its own", second.URL)
	}
	written, _ := os.ReadFile(filepath.Join(other.Dir, "port"))
	if !strings.HasSuffix(second.URL, ":"+strings.TrimSpace(string(written))) {
		t.Errorf("got port file %q for %s", written, second.URL)
	}
}

func TestOnlyLoopbackAddressesAreListenedOn(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "localhost", "example.com:80"} {
		cfg, _ := kept(t)
		cfg.Addr = addr
		if r, err := Ensure(t.Context(), cfg); err == nil {
			r.Close()
			t.Errorf("%s: got it served, want it refused", addr)
		}
	}
}

func TestTheEnvironmentTakesExportedKeysAway(t *testing.T) {
	files := Files{Config: "/c", Credentials: "/d"}
	set, unset := map[string]string{}, []string{}
	for _, v := range Environment("http://127.0.0.1:9912", "us-east-1", "lab", files) {
		if v.Unset {
			unset = append(unset, v.Name)
			continue
		}
		set[v.Name] = v.Value
	}
	for name, want := range map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:9912", "AWS_PROFILE": "lab", "AWS_REGION": "us-east-1",
		"AWS_CONFIG_FILE": "/c", "AWS_SHARED_CREDENTIALS_FILE": "/d", "NO_PROXY": "127.0.0.1"} {
		if set[name] != want {
			t.Errorf("got %s=%s, want %s", name, set[name], want)
		}
	}
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} {
		if !slices.Contains(unset, name) {
			t.Errorf("%s stays, and would beat AWS_PROFILE", name)
		}
	}
}

// Without a set-up the environment named an empty AWS config profile, and the
// AWS CLI said that it could not be found.
func TestTheEnvironmentWithoutASetupNamesNoConfigProfile(t *testing.T) {
	for _, v := range Environment("http://127.0.0.1:9912", "us-east-1", "", Files{Config: "/c", Credentials: "/d"}) {
		if v.Name == "AWS_PROFILE" && !v.Unset {
			t.Errorf("AWS_PROFILE is set to %q", v.Value)
		}
	}
}
