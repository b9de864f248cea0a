package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"anywhere/awsapi"
	"anywhere/pki/atomicfile"
)

// The test binary is also the program: under the name anywhere it is the real
// main, and under anywhere-stopped it is the real main with a disk and a network
// that note every write and end the process around one of them. Both names are
// first on PATH.
//
// Two tests to a core run at once, unless -parallel says otherwise: each waits half
// its time for the disk, to which the program brings every file it writes.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"anywhere": main, "anywhere-stopped": stopped})
}

// The environment of anywhere-stopped.
const (
	stopAt     = "ANYWHERE_TEST_STOP"       // before:3, after:3 or nothing
	writesFile = "ANYWHERE_TEST_WRITES"     // one line for each write
	statesFile = "ANYWHERE_TEST_STATES"     // the state of HOME before and after each write, a line each
	programIs  = "ANYWHERE_TEST_EXECUTABLE" // what stands for the running program
	silentCall = "ANYWHERE_TEST_SILENT"     // iam:CreateRole: that call is never answered
)

// killed is the exit code of a process that SIGKILL ended, as a shell tells it.
const killed = 137

// writes counts what the program is about to change, on the disk and in AWS, in
// one row.
type writes struct {
	count       atomic.Int64
	stop        string
	log, states *os.File // nil: nobody wants to know
}

func (w *writes) before(what string) (number int64) {
	number = w.count.Add(1)
	if w.log != nil {
		_, _ = w.log.WriteString(what + "\n") // read by the test, which finds a line missing
	}
	w.check("before", number)
	return number
}

func (w *writes) check(when string, number int64) {
	moment := when + ":" + strconv.FormatInt(number, 10)
	if w.states != nil {
		fmt.Fprintln(w.states, moment, fingerprint(os.Getenv("HOME")))
	}
	if w.stop == moment {
		os.Exit(killed)
	}
}

// fingerprint stands for all that lies in a folder: names, modes and contents.
func fingerprint(dir string) string {
	all := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		var data []byte
		if info.Mode().IsRegular() {
			data, err = os.ReadFile(path)
		}
		fmt.Fprintf(all, "%q %s %q\n", path, info.Mode(), data)
		return err
	})
	if err != nil {
		panic(err)
	}
	return hex.EncodeToString(all.Sum(nil))
}

// countingWrites is a RoundTripper that counts the calls that change something.
type countingWrites struct {
	*writes
	next http.RoundTripper
}

func (c countingWrites) RoundTrip(req *http.Request) (*http.Response, error) {
	call := awsapi.CallOf(req)
	if os.Getenv(silentCall) == call.Service+":"+call.Op {
		return nil, os.ErrDeadlineExceeded // as after patience without an answer, without the patience
	}
	if !call.Write {
		return c.next.RoundTrip(req)
	}
	number := c.before("aws " + call.Service + ":" + call.Op)
	resp, err := c.next.RoundTrip(req)
	c.check("after", number)
	return resp, err
}

// logFile makes the file that a variable of the environment names, if it names one.
func logFile(variable string) *os.File {
	path := os.Getenv(variable)
	if path == "" {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		panic(err)
	}
	return f
}

func stopped() {
	w := &writes{stop: os.Getenv(stopAt), log: logFile(writesFile), states: logFile(statesFile)}
	a := realApp()
	a.executable = os.Getenv(programIs)
	a.disk = &atomicfile.Disk{
		Before: func(c atomicfile.Change) error { w.before(string(c.Op) + " " + c.Path); return nil },
		After:  func(atomicfile.Change) { w.check("after", w.count.Load()) },
	}
	a.around = func(next http.RoundTripper) http.RoundTripper { return countingWrites{w, next} }
	a.backoff = time.Nanosecond
	a.wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	os.Exit(run(context.Background(), os.Args[1:], a))
}

// smallProgramFile is a program that does what anywhere does and is quick to
// copy: the file that the set-up installs.
func smallProgramFile(t testing.TB, dir string) string {
	t.Helper()
	whole, err := exec.LookPath("anywhere")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "downloaded", "anywhere")
	writeFile(t, path, "#!/bin/sh\nexec "+whole+" \"$@\"\n", 0o755)
	return path
}

func writeFile(t testing.TB, path, data string, perm os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(data), perm); err != nil {
		t.Fatal(err)
	}
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// withoutAWS is the environment of the test without any of AWS's variables and
// ours, so that nothing of the machine gets into a test.
func withoutAWS() []string {
	var env []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "AWS_") && !strings.HasPrefix(pair, "ANYWHERE_") && !strings.HasPrefix(pair, "HOME=") {
			env = append(env, pair)
		}
	}
	return append(env, "AWS_EC2_METADATA_DISABLED=true")
}
