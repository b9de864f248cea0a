package signing

import (
	"crypto/rand"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anywhere/pki"
	"anywhere/pki/decode"
	"anywhere/signer/home"
)

// An AWS whose clock is ahead of this machine's refuses as AWS does.
func TestAClockThatIsWrongIsCorrectedByAWSs(t *testing.T) {
	tests := map[string]struct {
		ahead     time.Duration
		flags     string
		change    func(h http.Header)
		message   string
		corrected bool
	}{
		"half an hour slow":             {30 * time.Minute, "", nil, "", true},
		"half an hour fast":             {-30 * time.Minute, "", nil, "", true},
		"within the window":             {4 * time.Minute, "", nil, "", false},
		"more than a day":               {25 * time.Hour, "", nil, "", false},
		"switched off":                  {30 * time.Minute, " --no-clock-correction", nil, "", false},
		"without a request ID of AWS's": {30 * time.Minute, "", func(h http.Header) { h.Del("X-Amzn-Requestid") }, "", false},
		"without a date":                {30 * time.Minute, "", func(h http.Header) { h["Date"] = nil }, "", false},
		"another refusal":               {30 * time.Minute, "", nil, "Untrusted signing certificate", false},
		"to before the certificate's":   {-2 * time.Hour, "", nil, "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			there := b.now.Add(tt.ahead)
			good := b.answer
			b.answer = func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", there.UTC().Format(http.TimeFormat))
				at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
				if err == nil && at.Sub(there).Abs() <= 5*time.Minute && tt.message == "" && tt.ahead.Abs() > 5*time.Minute {
					good(w, r)
					return
				}
				w.Header().Set("X-Amzn-Errortype", "AccessDeniedException")
				w.Header().Set("X-Amzn-Requestid", "req-1")
				if tt.change != nil {
					tt.change(w.Header())
				}
				message := "Invalid signature"
				if tt.message != "" {
					message = tt.message
				}
				w.WriteHeader(403)
				io.WriteString(w, `{"message":"`+message+`"}`)
			}
			code := b.run(t, "credential-process --setup lab"+tt.flags)
			if (code == 0) != tt.corrected || (b.out.String() == processJSON) != tt.corrected {
				t.Fatalf("got exit %d, stderr %q; want it corrected: %v", code, b.errs.String(), tt.corrected)
			}
			if !tt.corrected {
				return
			}
			h := home.Home{Root: b.root}
			notes, err := h.ReadNotes(h.Setup("lab"))
			if err != nil || len(notes.Warnings) != 1 || notes.Warnings[0].Code != "RA401" || !strings.Contains(b.errs.String(), "warning: this machine's clock is 30m0s") {
				t.Errorf("got notes %+v, %v, stderr %q; want the warning kept and said", notes, err, b.errs.String())
			}
			asked := len(b.seen)
			if b.run(t, "credential-process --setup lab"+tt.flags); len(b.seen) == asked {
				t.Error("a session was kept though the clock cannot tell its age")
			}
		})
	}
}

func TestAnOldSessionIsServedWithAWarningThatIsKept(t *testing.T) {
	b := newBench(t)
	if code := b.run(t, "credential-process --setup lab"); code != 0 {
		t.Fatal(b.errs.String())
	}
	b.now = noon.Add(50 * time.Minute)
	b.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }
	if code := b.run(t, "credential-process --setup lab"); code != 0 || b.out.String() != processJSON || !strings.Contains(b.errs.String(), "(RA402)") {
		t.Errorf("got exit %d, stdout %q, stderr %q", code, b.out.String(), b.errs.String())
	}
	h := home.Home{Root: b.root}
	if notes, err := h.ReadNotes(h.Setup("lab")); err != nil || len(notes.Warnings) != 1 || !strings.Contains(notes.Warnings[0].Says, "2026-11-22T13:00:00Z") {
		t.Errorf("got notes %+v, %v", notes, err)
	}
}

func TestWhenNothingIsKept(t *testing.T) {
	tests := map[string]struct {
		flags string
		env   map[string]string
		kept  bool
	}{
		"by default":                   {"", nil, true},
		"by flag":                      {" --no-cache", nil, false},
		"by variable":                  {"", map[string]string{"ANYWHERE_NO_CACHE": "1"}, false},
		"a variable that says no":      {"", map[string]string{"ANYWHERE_NO_CACHE": "0"}, true},
		"an unverified server":         {" --no-verify-ssl", nil, false},
		"a password is given":          {" --pkcs8-password hush-word", nil, false},
		"a password, and it is wanted": {" --pkcs8-password hush-word --cache", nil, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			for k, v := range tt.env {
				b.env[k] = v
			}
			for range 2 {
				if code := b.run(t, b.flags()+tt.flags); code != 0 || b.out.String() != processJSON {
					t.Fatalf("got exit %d, stderr %q", code, b.errs.String())
				}
			}
			if once := len(b.seen) == 1; once != tt.kept {
				t.Errorf("AWS was asked %d times for two runs, want it kept: %v", len(b.seen), tt.kept)
			}
		})
	}
	b := newBench(t)
	b.env = nil
	if code := b.run(t, b.flags()); code != 0 || len(b.seen) != 1 {
		t.Errorf("without a home: got exit %d, %d requests, stderr %q", code, len(b.seen), b.errs.String())
	}
}

// A hit opens no key: it may be gone.
func TestAHitOpensNoKey(t *testing.T) {
	b := newBench(t)
	if code := b.run(t, b.flags()); code != 0 {
		t.Fatal(b.errs.String())
	}
	removeFile(t, b.key)
	if code := b.run(t, b.flags()); code != 0 || b.out.String() != processJSON || len(b.seen) != 1 {
		t.Errorf("got exit %d, stderr %q, %d requests", code, b.errs.String(), len(b.seen))
	}
	if code := b.run(t, b.flags()+" --no-cache"); code != 1 {
		t.Errorf("without the cache: got exit %d, want 1", code)
	}
}

// What is typed is typed each time: a session that lay on the disk would stand in
// for the password.
func TestAPasswordMayComeFromThePromptAndNothingIsKept(t *testing.T) {
	b := newBench(t)
	key := must(decode.Key(must(os.ReadFile(b.key)), nil))
	locked := must(pki.EncodeKeyLocked(key, []byte("hush word"), rand.Reader))
	b.key = filepath.Join(t.TempDir(), "locked.pem")
	if err := os.WriteFile(b.key, locked, 0o600); err != nil {
		t.Fatal(err)
	}
	if code := b.run(t, b.flags()); code != 1 || !strings.Contains(b.errs.String(), "passphrase") {
		t.Errorf("nobody to ask: got exit %d, stderr %q", code, b.errs.String())
	}
	typed, asked := "hush word", 0
	b.prompt = func(string) ([]byte, error) { asked++; return []byte(typed), nil }
	for n := 1; n <= 2; n++ {
		if code := b.run(t, b.flags()); code != 0 || b.out.String() != processJSON || asked != n || len(b.seen) != n {
			t.Errorf("run %d: got exit %d, stderr %q, asked %d times, AWS %d times", n, code, b.errs.String(), asked, len(b.seen))
		}
	}
	if b.run(t, b.flags()+" --cache"); len(b.seen) != 3 {
		t.Errorf("with --cache: AWS was asked %d times", len(b.seen))
	}
	if b.run(t, b.flags()+" --cache"); len(b.seen) != 3 || asked != 3 || b.out.String() != processJSON {
		t.Errorf("with --cache again: AWS was asked %d times, the person %d times; want 3 and 3", len(b.seen), asked)
	}
	typed = "hush wrong"
	if code := b.run(t, b.flags()); code != 1 || strings.Contains(b.errs.String(), "hush") || b.out.Len() != 0 {
		t.Errorf("a wrong one: got exit %d, stderr %q", code, b.errs.String())
	}
}
