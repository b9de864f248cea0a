package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The user's AWS config file is the same to the byte after setup and teardown,
// however odd it is, and in between nothing but our section is added.
func TestTheConfigFileComesBackByteForByte(t *testing.T) {
	tests := map[string]string{
		"a file that every tool takes":       "../../testdata/sharedconfig/legal",
		"a file with everything at once":     "../../testdata/sharedconfig/nasty",
		"the same with the line ends of DOS": "../../testdata/sharedconfig/nasty-crlf",
		"an empty file":                      "",
	}
	places := map[string]func(t *testing.T, home string) (path string){
		"in its place": func(_ *testing.T, home string) string { return filepath.Join(home, ".aws", "config") },
		"behind a link, as dotfile managers make it": func(t *testing.T, home string) string {
			real := filepath.Join(home, "dotfiles", "aws-config")
			for _, dir := range []string{filepath.Dir(real), filepath.Join(home, ".aws")} {
				if err := os.MkdirAll(dir, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink("../dotfiles/aws-config", filepath.Join(home, ".aws", "config")); err != nil {
				t.Fatal(err)
			}
			return real
		},
	}
	for name, source := range tests {
		for where, place := range places {
			t.Run(name+" "+where, func(t *testing.T) {
				t.Parallel()
				before := ""
				if source != "" {
					before = readFile(t, source)
				}
				b := newBench(t)
				path := place(t, b.home)
				writeFile(t, path, before, 0o640)
				files := b.files(t)
				b.done(t, setupWithAnswers()...)
				between := readFile(t, path)
				if !strings.HasPrefix(between, before) || !strings.Contains(between[len(before):], "[profile box]") {
					t.Errorf("in between: got\n%s\nwant the file as it was and our section behind it", between)
				}
				if added := strings.Count(between, "\n") - strings.Count(before, "\n"); added > 5 {
					t.Errorf("in between: %d lines are added, want 5 at most", added)
				}
				b.done(t, teardownBox...)
				if after := readFile(t, path); after != before {
					t.Errorf("afterwards: got\n%q\nwant\n%q", after, before)
				}
				differ(t, "files", b.files(t), files)
			})
		}
	}
}

// A file that was not there is not there afterwards; one that somebody has put
// lines into since is.
func TestAConfigFileOfOursGoesUnlessSomebodyUsesIt(t *testing.T) {
	b := newBench(t)
	config := filepath.Join(b.home, ".aws", "config")
	b.done(t, setupWithAnswers()...)
	if info, err := os.Stat(config); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("made with %v, want mode 0600: %v", info.Mode(), err)
	}
	b.done(t, teardownBox...)
	differ(t, "files", b.files(t), []string{})

	b.done(t, setupWithAnswers()...)
	const theirs = "\n[profile theirs]\nregion = eu-west-1\n"
	writeFile(t, config, readFile(t, config)+theirs, 0o600)
	b.done(t, teardownBox...)
	if got := readFile(t, config); strings.TrimSpace(got) != strings.TrimSpace(theirs) {
		t.Errorf("afterwards: got %q, want %q", got, theirs)
	}
}
