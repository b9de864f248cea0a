package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The scripts of testdata/script run the real program. A script is a txtar
// archive: lines of commands, then the files that they find in $WORK. Its
// language is that of testscript, as far as the scripts need it, and some
// commands of ours:
//
//	exits N PROGRAM ...    runs a program, which must end with this exit code
//	cloud                  starts an AWS of its own for the script, in mode custom
//	wrote OP... | nothing  what changed in that AWS since the last wrote
//	things FILE            writes down what stands in that AWS, a line a thing
//	make role NAME FILE    makes a role there with the trust policy in FILE
//	make list NAME ROLE    makes a Roles Anywhere profile there that lists the role
//	make inline-on F P     puts policy P on the role that file F names; uninline-on takes it off
//	make disable-all       disables every trust anchor there
//	make nothing-left      says that nothing is left there
//	json FILE PATH RE      a field of a JSON document, such as error.code, matches
//	keep NAME              remembers every file under HOME
//	same NAME              says that every file under HOME is as it was then
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("../../testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("found no script: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			newScript(t).run(t, readFile(t, file))
		})
	}
}

// script is one script while it runs.
type script struct {
	work, dir      string
	env            []string
	stdin          string
	stdout, stderr string
	cloud          *cloud
	kept           map[string]map[string]string
}

func newScript(t *testing.T) *script {
	s := &script{work: t.TempDir(), kept: map[string]map[string]string{}}
	s.dir = s.work
	home := filepath.Join(s.work, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	s.env = append(withoutAWS(), "WORK="+s.work, "HOME="+home, "ACCOUNT="+cloudAccount)
	return s
}

// run goes through a script until a line fails.
func (s *script) run(t *testing.T, archive string) {
	lines := strings.Split(archive, "\n")
	for i, line := range lines {
		if name, ok := fileMark(line); ok {
			end := i + 1
			for end < len(lines) {
				if _, next := fileMark(lines[end]); next {
					break
				}
				end++
			}
			data := strings.Join(lines[i+1:end], "\n")
			if end < len(lines) && data != "" {
				data += "\n"
			}
			writeFile(t, filepath.Join(s.work, s.expand(name)), s.fill(data), 0o600)
		}
	}
	for i, line := range lines {
		if _, ok := fileMark(line); ok {
			return
		}
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		words, err := s.words(line)
		if err == nil {
			err = s.do(t, words)
		}
		if err != nil {
			t.Fatalf("line %d: %s\n%v\n[stdout]\n%s\n[stderr]\n%s", i+1, line, err, s.stdout, s.stderr)
		}
	}
}

func fileMark(line string) (name string, ok bool) {
	name, begins := strings.CutPrefix(line, "-- ")
	name, ends := strings.CutSuffix(name, " --")
	return strings.TrimSpace(name), begins && ends
}

// words splits a line at blanks; 'what stands in quotes' is one word as it is,
// and a quote in it is written twice.
func (s *script) words(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	begun, quoted := false, false
	var plain strings.Builder
	flush := func() { word.WriteString(s.expand(plain.String())); plain.Reset() }
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '\'' && quoted && i+1 < len(line) && line[i+1] == '\'':
			word.WriteByte(c)
			i++
		case c == '\'':
			flush()
			begun, quoted = true, !quoted
		case quoted:
			word.WriteByte(c)
		case c == ' ' || c == '\t':
			if flush(); begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			begun = true
			plain.WriteByte(c)
		}
	}
	if flush(); begun {
		words = append(words, word.String())
	}
	if quoted {
		return nil, errors.New("a quote is not closed")
	}
	return words, nil
}

func (s *script) expand(text string) string {
	return os.Expand(text, s.getenv)
}

// fill puts $WORK into a file, and nothing else: files may hold dollar signs.
func (s *script) fill(text string) string { return strings.ReplaceAll(text, "$WORK", s.work) }

func (s *script) getenv(name string) string {
	for _, pair := range slices.Backward(s.env) {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}

func (s *script) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.dir, name)
}

// text is a file's contents, or what the last program printed.
func (s *script) text(name string) (string, error) {
	switch name {
	case "stdout":
		return s.stdout, nil
	case "stderr":
		return s.stderr, nil
	}
	data, err := os.ReadFile(s.path(name))
	return string(data), err
}

// do carries out one command.
func (s *script) do(t *testing.T, words []string) error {
	not := words[0] == "!"
	if not {
		words = words[1:]
	}
	command, args := words[0], words[1:]
	run, known := map[string]func(*testing.T, bool, []string) error{
		"exec": s.exec, "exits": s.exits, "stdin": s.takeStdin, "stdout": s.matchOut, "stderr": s.matchErr, "grep": s.grep,
		"cmp": s.cmp, "exists": s.exists, "env": s.setenv, "cd": s.chdir, "mkdir": s.mkdir, "rm": s.rm, "cp": s.cp,
		"chmod": s.chmod, "symlink": s.symlink, "cloud": s.startCloud, "wrote": s.wrote, "things": s.things, "make": s.make,
		"json": s.json, "keep": s.keep, "same": s.same,
	}[command]
	if !known {
		return fmt.Errorf("no such command: %s", command)
	}
	return run(t, not, args)
}

func (s *script) program(t *testing.T, args []string) (code int, err error) {
	if len(args) == 0 {
		return 0, errors.New("no program is named")
	}
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdin = s.dir, s.env, strings.NewReader(s.stdin)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	err = cmd.Run()
	s.stdin, s.stdout, s.stderr = "", out.String(), problems.String()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), nil
	}
	return 0, err
}

func (s *script) exec(t *testing.T, not bool, args []string) error {
	code, err := s.program(t, args)
	if err == nil && (code != 0) != not {
		err = fmt.Errorf("exit code %d", code)
	}
	return err
}

func (s *script) exits(t *testing.T, _ bool, args []string) error {
	want, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	code, err := s.program(t, args[1:])
	if err == nil && code != want {
		err = fmt.Errorf("exit code %d, want %d", code, want)
	}
	return err
}

func (s *script) takeStdin(_ *testing.T, _ bool, args []string) (err error) {
	s.stdin, err = s.text(args[0])
	return err
}

func match(text string, not bool, pattern string) error {
	re, err := regexp.Compile("(?m)" + pattern)
	if err == nil && re.MatchString(text) == not {
		err = fmt.Errorf("%q matches: %t", pattern, not)
	}
	return err
}

func (s *script) matchOut(_ *testing.T, not bool, args []string) error {
	return match(s.stdout, not, args[0])
}
func (s *script) matchErr(_ *testing.T, not bool, args []string) error {
	return match(s.stderr, not, args[0])
}

func (s *script) grep(_ *testing.T, not bool, args []string) error {
	text, err := s.text(args[1])
	if err != nil {
		return err
	}
	return match(text, not, args[0])
}

func (s *script) cmp(_ *testing.T, not bool, args []string) error {
	a, err := s.text(args[0])
	if err != nil {
		return err
	}
	b, err := s.text(args[1])
	if err == nil && (a == b) == not {
		err = fmt.Errorf("%s:\n%s\n%s:\n%s", args[0], a, args[1], b)
	}
	return err
}

func (s *script) exists(_ *testing.T, not bool, args []string) error {
	for _, name := range args {
		if _, err := os.Lstat(s.path(name)); (err == nil) == not {
			return fmt.Errorf("%s: exists is %t", name, not)
		}
	}
	return nil
}

func (s *script) setenv(_ *testing.T, _ bool, args []string) error {
	s.env = append(s.env, args...)
	return nil
}

func (s *script) chdir(_ *testing.T, _ bool, args []string) error {
	s.dir = s.path(args[0])
	return nil
}

func (s *script) mkdir(_ *testing.T, _ bool, args []string) error {
	return os.MkdirAll(s.path(args[0]), 0o700)
}

func (s *script) rm(_ *testing.T, _ bool, args []string) error { return os.RemoveAll(s.path(args[0])) }

func (s *script) cp(_ *testing.T, _ bool, args []string) error {
	text, err := s.text(args[0])
	if err != nil {
		return err
	}
	mode := fs.FileMode(0o600)
	if info, err := os.Stat(s.path(args[0])); err == nil {
		mode = info.Mode().Perm()
	}
	return os.WriteFile(s.path(args[1]), []byte(text), mode)
}

func (s *script) chmod(_ *testing.T, _ bool, args []string) error {
	mode, err := strconv.ParseUint(args[0], 8, 32)
	if err != nil {
		return err
	}
	return os.Chmod(s.path(args[1]), fs.FileMode(mode))
}

// symlink FILE -> TARGET
func (s *script) symlink(_ *testing.T, _ bool, args []string) error {
	return os.Symlink(s.expand(args[2]), s.path(args[0]))
}

func (s *script) startCloud(t *testing.T, _ bool, _ []string) error {
	s.cloud = newCloud(t)
	s.env = append(s.env, s.cloud.env()...)
	return nil
}

func (s *script) wrote(_ *testing.T, _ bool, args []string) error {
	got := changing(s.cloud.calls())
	if len(args) == 1 && args[0] == "nothing" {
		args = nil
	}
	if !slices.Equal(got, args) {
		return fmt.Errorf("wrote %q", got)
	}
	return nil
}

func (s *script) things(t *testing.T, _ bool, args []string) error {
	err := os.WriteFile(s.path(args[0]), []byte(strings.Join(s.cloud.things(t), "\n")+"\n"), 0o600)
	s.cloud.calls()
	return err
}

// json FILE PATH RE: parts of PATH are names of fields and numbers of elements;
// # is the number of elements.
func (s *script) json(_ *testing.T, not bool, args []string) error {
	text, err := s.text(args[0])
	if err != nil {
		return err
	}
	var v any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return fmt.Errorf("%s is not JSON: %w", args[0], err)
	}
	if dec.More() {
		return fmt.Errorf("%s is more than one document", args[0])
	}
	for part := range strings.SplitSeq(args[1], ".") {
		switch inside := v.(type) {
		case map[string]any:
			var there bool
			if v, there = inside[part]; !there {
				v = nil
			}
		case []any:
			n, err := strconv.Atoi(part)
			switch {
			case part == "#":
				v = len(inside)
			case err != nil || n >= len(inside):
				return fmt.Errorf("%s: no element %s of %d", args[1], part, len(inside))
			default:
				v = inside[n]
			}
		default:
			v = nil
		}
	}
	if v == nil {
		v = ""
	}
	if err := match(fmt.Sprint(v), not, args[2]); err != nil {
		return fmt.Errorf("%s is %v: %w", args[1], v, err)
	}
	return nil
}

// snapshot is every file under HOME: mode and contents.
func (s *script) snapshot() (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(filepath.Join(s.work, "home"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files[path] = info.Mode().String()
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			files[path] += string(data)
			return err
		}
		return nil
	})
	return files, err
}

func (s *script) keep(_ *testing.T, _ bool, args []string) (err error) {
	s.kept[args[0]], err = s.snapshot()
	return err
}

func (s *script) same(_ *testing.T, not bool, args []string) error {
	now, err := s.snapshot()
	if err != nil {
		return err
	}
	var other []string
	for path := range now {
		if was, there := s.kept[args[0]][path]; !there || was != now[path] {
			other = append(other, path)
		}
	}
	for path := range s.kept[args[0]] {
		if _, there := now[path]; !there {
			other = append(other, path+" is gone")
		}
	}
	slices.Sort(other)
	if (len(other) == 0) == not {
		return fmt.Errorf("other than before: %q", other)
	}
	return nil
}
