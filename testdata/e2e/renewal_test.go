package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// aged is a set-up in the sandbox with a step-ca, whose certificate, by the dates in
// it, has stood since begun and ends in left: a certificate that is really that old
// would have to be waited for. It was, and it was due in the second in which it was
// made, or before the set-up had ended, whose own proof then began the renewal.
func aged(t *testing.T, begun, left time.Duration, claims map[string]any) (env []string, session string) {
	t.Helper()
	t.Parallel() // it waits most of the time
	a := newAuthority(t, claims)
	home := t.TempDir()
	env = []string{"HOME=" + home}
	setUp(t, env, "lab", "ca.issuer=step-ca", "stepca.url="+a.url, "stepca.fingerprint="+a.fingerprint,
		"stepca.password-file="+filepath.Join(a.dir, "password"), "leaf.cn=build-box-7", "session.duration=900")
	session = filepath.Join(home, ".anywhere", "setups", "lab", "session.json")

	dir := t.TempDir()
	csr, cert := filepath.Join(dir, "csr"), filepath.Join(dir, "cert")
	at := func(from time.Duration) string { return time.Now().Add(from).UTC().Format(time.RFC3339) }
	openssl(t, "req", "-new", "-key", filepath.Join(filepath.Dir(session), pointerOf(t, session).Key), "-subj", "/CN=build-box-7", "-out", csr)
	output(t, a.env, "step", "ca", "sign", csr, cert, "--not-before", at(-begun), "--not-after", at(left),
		"--provisioner", "jwk", "--provisioner-password-file", filepath.Join(a.dir, "password"))
	edit(t, session, func(all map[string]any) {
		all["certificate"] = pemBody(t, read(t, cert))
		all["renewal"].(map[string]any)["at"] = at(0)
	})
	return env, session
}

// pointer is what the tests read of session.json.
type pointer struct {
	Certificate []byte
	Key         string
	Endpoint    string
	Renewal     struct {
		Issuer, Program string
		At              time.Time
	}
}

func pointerOf(t *testing.T, session string) (p pointer) {
	t.Helper()
	data, err := os.ReadFile(session)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// until waits for something that another process does.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	again, late := time.NewTicker(20*time.Millisecond), time.After(60*time.Second)
	defer again.Stop()
	for !so() {
		select {
		case <-late:
			t.Fatalf("not so after a minute: %s", what)
		case <-again.C:
		}
	}
}

// The AWS CLI reads our output to its end and waits for our process. It shall wait
// for neither the renewal that we start nor for anything that this one holds open:
// here the renewal stands still until the AWS CLI has come back.
func TestTheAWSCLIDoesNotWaitForARenewal(t *testing.T) {
	env, session := aged(t, 40*time.Minute, 10*time.Minute, nil)
	before := pointerOf(t, session)
	if before.Renewal.Issuer != "step-ca" || filepath.Base(before.Renewal.Program) != "anywhere" {
		t.Fatalf("session.json says %+v", before.Renewal)
	}
	if _, err := os.Stat(before.Renewal.Program); err != nil {
		t.Fatalf("the program that renews: %v", err)
	}
	dir := t.TempDir()
	gate, started, ended := filepath.Join(dir, "gate"), filepath.Join(dir, "started"), filepath.Join(dir, "ended")
	if err := syscall.Mkfifo(gate, 0o600); err != nil {
		t.Fatal(err)
	}
	slow := filepath.Join(dir, "anywhere")
	script := "#!/bin/sh\nenv | grep -c AWS_ >" + started + "\ncat " + gate + "\n" + before.Renewal.Program + " \"$@\"\necho $? >" + ended + "\n"
	if err := os.WriteFile(slow, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	edit(t, session, func(all map[string]any) { all["renewal"].(map[string]any)["program"] = slow })
	out, err := inSandbox(t, env, "AWS_ACCESS_KEY_ID= ; unset AWS_ACCESS_KEY_ID; aws sts get-caller-identity")
	if err != nil || !strings.Contains(out, "assumed-role") {
		t.Fatalf("get-caller-identity: %v\n%s", err, out)
	}
	// The AWS CLI has come back. The renewal has begun and not ended.
	until(t, "the renewal has begun", func() bool { _, err := os.Stat(started); return err == nil })
	if _, err := os.Stat(ended); err == nil {
		t.Fatal("the renewal ended while it should stand still")
	}
	w, err := os.OpenFile(gate, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	until(t, "the renewal has ended", func() bool { data, err := os.ReadFile(ended); return err == nil && len(data) > 1 })
	after := pointerOf(t, session)
	if data, _ := os.ReadFile(ended); strings.TrimSpace(string(data)) != "0" || after.Key == before.Key || !after.Renewal.At.After(before.Renewal.At) {
		t.Errorf("exit %s, key %s and then %s, due %v and then %v\n%s", data, before.Key, after.Key, before.Renewal.At, after.Renewal.At,
			output(t, env, ours("anywhere"), "status"))
	}
	if data, _ := os.ReadFile(started); strings.TrimSpace(string(data)) != "0" {
		t.Errorf("the renewal got %s variables of AWS's", data)
	}
}

// serve hands out credentials while the certificate under it is replaced, without
// anybody's doing.
func TestServeLivesThroughARenewal(t *testing.T) {
	env, session := aged(t, 40*time.Minute, 10*time.Minute, nil)
	before := pointerOf(t, session)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	box := command(t, env, ours("anywhere"), "sandbox")
	if err := box.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { box.Process.Signal(os.Interrupt); box.Wait() }()
	until(t, "the sandbox serves", func() bool {
		conn, err := net.DialTimeout("tcp", strings.TrimPrefix(pointerOf(t, session).Endpoint, "http://"), time.Second)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	serving := command(t, env, ours("anywhere-signer"), "serve", "--setup", "lab", "--port", "0")
	said, err := serving.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serving.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { serving.Process.Signal(os.Interrupt); serving.Wait() }()
	lines := make(chan string)
	go func() {
		defer close(lines)
		for all := bufio.NewScanner(said); all.Scan(); {
			select {
			case lines <- all.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	log, late := "", time.After(60*time.Second)
	for !strings.Contains(log, `event="certificate renewed"`) {
		select {
		case line, more := <-lines:
			if !more {
				t.Fatalf("serve ended:\n%s", log)
			}
			log += line + "\n"
		case <-late:
			t.Fatalf("no renewal in a minute:\n%s", log)
		}
	}
	holds(t, "serve", log, `event="renewed"`, `event="certificate is due, renewing it"`)
	if after := pointerOf(t, session); after.Key == before.Key {
		t.Errorf("the key is still %s", after.Key)
	}
	if strings.Contains(log, `event="not renewed"`) {
		t.Errorf("a session failed:\n%s", log)
	}
	// A new process gets a session with the new pair.
	holds(t, "credentials", output(t, env, ours("anywhere-signer"), "credential-process", "--setup", "lab", "--no-cache"), `"SessionToken"`)
}

// A machine that was asleep for longer than its certificate lived.
func TestACertificateWhoseLifeIsOverComesBackByOneCommand(t *testing.T) {
	env, session := aged(t, time.Hour, 15*time.Second, map[string]any{"allowRenewalAfterExpiry": true})
	before := pointerOf(t, session)
	over := func() bool {
		cmd := command(t, env, ours("anywhere"), "sandbox", "--", ours("anywhere-signer"), "credential-process", "--setup", "lab", "--no-cache", "--home", filepath.Dir(filepath.Dir(filepath.Dir(session))))
		out, err := cmd.CombinedOutput()
		return err != nil && strings.Contains(string(out), "hint: anywhere cert renew --setup lab")
	}
	edit(t, session, func(all map[string]any) { delete(all["renewal"].(map[string]any), "program") }) // nothing behind our back
	until(t, "the certificate is over", over)
	output(t, env, ours("anywhere"), "cert", "renew")
	after := pointerOf(t, session)
	if after.Key == before.Key || filepath.Base(after.Renewal.Program) != "anywhere" {
		t.Errorf("got key %s after %s, renewal by %q", after.Key, before.Key, after.Renewal.Program)
	}
}
