//go:build unix

package signing

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"anywhere/pki"
)

// --timeout did not count for a pipe without a writer: the program stayed for ever.
func TestNoFileThatIsAPipeIsWaitedForPastTheDeadline(t *testing.T) {
	for name, flags := range map[string]string{
		"the certificate":   "--certificate PIPE --private-key KEY",
		"the key":           "--certificate CERT --private-key PIPE",
		"the intermediates": "--certificate CERT --private-key KEY --intermediates PIPE",
		"the password":      "--certificate CERT --private-key KEY --key-passphrase-file PIPE",
		"the bundle":        "--certificate CERT --private-key KEY --endpoint https://127.0.0.1:1",
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			path := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(path, 0o600); err != nil {
				t.Fatal(err)
			}
			if name == "the bundle" {
				b.env["AWS_CA_BUNDLE"] = path
			}
			if name == "the password" {
				lockKey(t, b)
			}
			line := strings.NewReplacer("PIPE", path, "CERT", b.cert, "KEY", b.key).Replace("credential-process " + flags +
				" --trust-anchor-arn " + anchorARN + " --profile-arn " + profileARN + " --role-arn " + roleARN)
			w := b.world()
			looks := 0
			w.Now = func() time.Time { // nothing is left of the time as soon as it has begun
				looks++
				return noon.Add(time.Duration(looks-1) * time.Hour)
			}
			code := Run(t.Context(), strings.Fields(line), w)
			want := "read " + path + ": nothing was written into this pipe within 0s\n"
			if code != exitFailed || !strings.Contains(b.errs.String(), want) || !strings.Contains(b.errs.String(), "hint: ") || b.out.Len() > 0 {
				t.Errorf("got exit %d, %s%s\nwant %d, %s", code, b.out.String(), b.errs.String(), exitFailed, want)
			}
		})
	}
}

// A pipe has been read when it turns out that key and certificate differ: a second
// look at it found nothing, and said so in place of the reason.
func TestAPipeIsReadOnce(t *testing.T) {
	b := newBench(t)
	if err := errors.Join(os.Remove(b.key), syscall.Mkfifo(b.key, 0o600)); err != nil {
		t.Fatal(err)
	}
	o := options{certificate: b.cert, privateKey: b.key}
	if mixed := new(pki.MismatchError); o.betweenTwo(b.world(), mixed) {
		t.Error("a pipe would be read again")
	}
	if o.privateKey = b.cert; !o.betweenTwo(b.world(), new(pki.MismatchError)) {
		t.Error("a file would not be read again")
	}
}

func TestAPasswordFromAPipeComesInTime(t *testing.T) {
	for name, tt := range map[string]struct {
		world  func(*bench) World
		closed bool
		want   string
	}{
		"or not at all": {(*bench).hurrying, false, "read |0: this pipe was not closed within 3s"},
		"and is waited for": {func(b *bench) World {
			w := b.world()
			w.after = func(time.Duration) <-chan time.Time { return nil }
			return w
		}, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			defer w.Close()
			if _, err := w.WriteString("word\n"); err != nil {
				t.Fatal(err)
			}
			if tt.closed {
				w.Close()
			}
			b := newBench(t)
			got, err := tt.world(b).patient(options{timeout: 3}).patience.stream(r)
			if tt.want != "" && (err == nil || err.Error() != tt.want) || tt.want == "" && string(got) != "word\n" {
				t.Errorf("got %q, %v; want %s", got, err, cmp.Or(tt.want, "the word"))
			}
		})
	}
}
