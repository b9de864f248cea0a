package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// help is what a command says of itself.
func help(t *testing.T, args ...string) string {
	t.Helper()
	var out, problems bytes.Buffer
	a := &app{
		stdin: strings.NewReader(""), stdout: &out, stderr: &problems, environ: []string{"HOME=" + t.TempDir()},
		now: time.Now, random: strings.NewReader(""),
	}
	if code := run(t.Context(), append(args, "--help"), a); code != exitDone {
		t.Fatalf("%q --help: exit %d\n%s", args, code, &problems)
	}
	return out.String()
}

// commandsBelow lists the command lines of all commands, in the order of the help.
func commandsBelow(cmd *cobra.Command, path []string) [][]string {
	all := [][]string{path}
	for _, below := range cmd.Commands() {
		if !below.Hidden && below.Name() != "help" {
			all = append(all, commandsBelow(below, append(slices.Clone(path), below.Name()))...)
		}
	}
	return all
}

// wholeRoot is the root with what cobra adds to it when it runs.
func wholeRoot() *cobra.Command {
	root := (&app{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, now: time.Now}).root()
	root.InitDefaultCompletionCmd("completion")
	return root
}

const referenceFile = "../../docs/cli.md"

func reference(t *testing.T) string {
	var b strings.Builder
	b.WriteString("# Commands\n\nWhat `--help` says, for every command. `UPDATE=1 go test ./cmd/anywhere -run Reference` writes this file.\n")
	for _, path := range commandsBelow(wholeRoot(), nil) {
		fmt.Fprintf(&b, "\n## %s\n\n```text\n%s\n```\n", strings.Join(append([]string{"anywhere"}, path...), " "), strings.TrimSpace(help(t, path...)))
	}
	return b.String()
}

func TestTheReferenceIsCurrent(t *testing.T) {
	want := reference(t)
	if os.Getenv("UPDATE") != "" {
		writeFile(t, referenceFile, want, 0o644)
	}
	got := readFile(t, referenceFile)
	if got == want {
		return
	}
	for line := range strings.Lines(want) {
		if !strings.Contains(got, line) {
			t.Errorf("docs/cli.md lacks %q", line)
		}
	}
	t.Error("docs/cli.md is not what --help says: UPDATE=1 go test ./cmd/anywhere -run Reference")
}

// The commands and flags that other programs and people rely on. They are only
// ever added to.
func TestTheContractOfCommandsAndFlagsHolds(t *testing.T) {
	contract := map[string][]string{
		"": {"setup", "teardown", "status", "credential-process", "sandbox", "version", "completion"},
		"setup": {"--name string", "--sandbox", "--answers FILE", "--set KEY=VALUE", "--account string", "--yes", "--accept CHANGE-ID", "--plan",
			"--as text", "--plain", "--json", "--print-answers", "--print-policy setup", "--endpoint URL", "--allow-http"},
		"teardown":           {"teardown [NAME]", "--from-tags ID", "--account string", "--plan", "--yes", "--delete-ca", "--json"},
		"status":             {"--json"},
		"credential-process": {"--setup", "--home", "--no-cache", "--endpoint", "--allow-http", "--certificate", "--private-key", "--trust-anchor-arn", "--profile-arn", "--role-arn"},
		"sandbox":            {"--listen ADDR", "--state DIR", "-- COMMAND", "env"},
		"sandbox env":        {"--admin", "--state DIR"},
		"version":            {"--json"},
		"completion":         {"bash", "zsh", "fish", "powershell"},
	}
	written := readFile(t, referenceFile)
	for command, flags := range contract {
		t.Run("anywhere "+command, func(t *testing.T) {
			says := help(t, strings.Fields(command)...)
			_, section, found := strings.Cut(written, "\n## "+strings.TrimSpace("anywhere "+command)+"\n")
			section, _, _ = strings.Cut(section, "\n## ")
			if !found {
				t.Error("docs/cli.md has no section of it")
			}
			for _, flag := range flags {
				word := regexp.MustCompile(`(^|[\s\[])` + regexp.QuoteMeta(flag) + `($|[\s\]=.])`)
				if !word.MatchString(says) {
					t.Errorf("--help does not tell %q:\n%s", flag, says)
				}
				if !word.MatchString(section) {
					t.Errorf("docs/cli.md does not tell %q", flag)
				}
			}
		})
	}
}

func TestEveryCommandSaysWhatItDoes(t *testing.T) {
	for _, path := range commandsBelow(wholeRoot(), nil) {
		if len(path) > 0 && path[0] == "completion" {
			continue // cobra's own words
		}
		cmd, _, err := wholeRoot().Find(path)
		if err != nil {
			t.Fatal(err)
		}
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") || cmd.Short != strings.TrimSpace(cmd.Short) {
			t.Errorf("anywhere %s: short text %q: want one, without a full stop", strings.Join(path, " "), cmd.Short)
		}
		for line := range strings.Lines(cmd.Long + "\n" + cmd.Example) {
			if len([]rune(strings.TrimSuffix(line, "\n"))) > 140 {
				t.Errorf("anywhere %s: the line %q is longer than 140 columns", strings.Join(path, " "), line)
			}
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" || strings.HasSuffix(f.Usage, ".") {
				t.Errorf("anywhere %s --%s: usage %q: want one, without a full stop", strings.Join(path, " "), f.Name, f.Usage)
			}
		})
	}
}
