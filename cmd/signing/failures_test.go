package signing

import (
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever AWS, or something in its place, answers: no output and no file gets a
// secret of the session, the password or the key.
func TestNoFailureTellsASecret(t *testing.T) {
	answers := map[string]struct {
		status int
		body   string
	}{
		"another role":          {201, strings.ReplaceAll(sessionJSON, roleARN, roleARN+"-other")},
		"no session token":      {201, strings.Replace(sessionJSON, `"sessionToken":"hush-token",`, "", 1)},
		"no JSON":               {201, sessionJSON[:len(sessionJSON)-5]},
		"a date in words":       {201, strings.Replace(sessionJSON, "2026-11-22T13:00:00Z", "hush-tomorrow", 1)},
		"credentials in a list": {201, `{"credentialSet":["hush-secret"]}`},
		"too much":              {201, strings.Repeat("hush-secret", 100_000)},
		"a redirect":            {302, sessionJSON},
		"a refusal":             {403, sessionJSON},
		"an outage":             {503, sessionJSON},
		"no status":             {101, sessionJSON},
	}
	commands := map[string]string{"credential-process": "", "update": " --once", "serve": " --port 0"}
	for name, answer := range answers {
		for command, more := range commands {
			if command == "serve" && (answer.status == 503 || answer.status == 101) {
				continue // serve waits for better days, which is tested elsewhere
			}
			t.Run(command+", "+name, func(t *testing.T) {
				b := newBench(t)
				file := b.credentials(t, "[mine]\n")
				secrets := append(strings.Split(string(must(os.ReadFile(b.key))), "\n")[1:3], "hush")
				b.answer = func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Location", "http://127.0.0.1:1/hush-secret")
					w.WriteHeader(answer.status)
					io.WriteString(w, answer.body)
				}
				line := strings.Replace(b.flags(), "credential-process", command, 1) + " --cache --debug --pkcs8-password hush-word" + more
				w, said := b.world(), &lines{more: make(chan struct{}, 1)} // serve writes from two places at once
				w.Stderr = said
				code := Run(t.Context(), strings.Fields(line), w)
				told := b.out.String() + said.String() + string(must(os.ReadFile(file)))
				// An answer that was none, and one that said to wait, had no hint, or one that led nowhere.
				if code == 0 || !strings.Contains(told, "anywhere: ") || !strings.Contains(told, "hint: ") {
					t.Errorf("got exit %d, %q; want a failure that is told, with a hint", code, told)
				}
				told += everythingBut(t, b.root, b.key)
				for _, secret := range secrets {
					if strings.Contains(told, secret) {
						t.Errorf("%q stands in %q", secret, told)
					}
				}
			})
		}
	}
}

// everythingBut is what all files below a directory hold, but one.
func everythingBut(t *testing.T, root, but string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path == but || strings.HasSuffix(path, ".token") {
			return err
		}
		data, err := os.ReadFile(path)
		all.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
