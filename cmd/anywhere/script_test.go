package main

import (
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

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts of testdata/script run the real program. Their language is that of
// testscript (go doc github.com/rogpeppe/go-internal/testscript) and some commands
// of ours:
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
	testscript.Run(t, testscript.Params{
		Dir: "../../testdata/script", Setup: setupScript, RequireExplicitExec: true, RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": onlyPlain(scriptExits), "cloud": onlyPlain(scriptCloud), "wrote": onlyPlain(scriptWrote), "things": onlyPlain(scriptThings),
			"make": onlyPlain(scriptMake), "keep": onlyPlain(scriptKeep), "same": scriptSame, "json": scriptJSON,
		},
	})
}

// script is what our commands remember of a script while it runs.
type script struct {
	t     testing.TB
	home  string
	cloud *cloud
	kept  map[string]map[string]string
}

type scriptKey struct{}

func scriptOf(ts *testscript.TestScript) *script { return ts.Value(scriptKey{}).(*script) }

// setupScript makes the machine of a script. Testscript hands on nothing of the
// environment but PATH, so there is no AWS_* and no ANYWHERE_* variable, and what
// they would name is looked for under HOME.
func setupScript(env *testscript.Env) error {
	s := &script{t: env.T().(testing.TB), home: filepath.Join(env.WorkDir, "home"), kept: map[string]map[string]string{}}
	env.Values[scriptKey{}] = s
	env.Setenv("HOME", s.home)
	env.Setenv("USERPROFILE", s.home) // HOME of Windows
	env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	env.Setenv("ACCOUNT", cloudAccount)
	return os.Mkdir(s.home, 0o700)
}

// onlyPlain is a command that has no opposite.
func onlyPlain(run func(*testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, not bool, args []string) {
		if not {
			ts.Fatalf("this command cannot be negated")
		}
		run(ts, args)
	}
}

func scriptExits(ts *testscript.TestScript, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits N program ...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got, err := 0, ts.Exec(args[1], args[2:]...)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got, err = exit.ExitCode(), nil
	}
	ts.Check(err)
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// scriptJSON finds a field: parts of the path are names of fields and numbers of
// elements; # is the number of elements, in quotes, as # begins a comment.
func scriptJSON(ts *testscript.TestScript, not bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json file path pattern")
	}
	var v any
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		ts.Fatalf("%s is not JSON: %v", args[0], err)
	}
	if dec.More() {
		ts.Fatalf("%s is more than one document", args[0])
	}
	for part := range strings.SplitSeq(args[1], ".") {
		switch inside := v.(type) {
		case map[string]any:
			v = inside[part]
		case []any:
			n, err := strconv.Atoi(part)
			switch {
			case part == "#":
				v = len(inside)
			case err != nil || n < 0 || n >= len(inside):
				ts.Fatalf("%s: no element %s of %d", args[1], part, len(inside))
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
	re, err := regexp.Compile("(?m)" + args[2])
	ts.Check(err)
	if re.MatchString(fmt.Sprint(v)) == not {
		ts.Fatalf("%s is %v, and %q matches: %t", args[1], v, args[2], not)
	}
}

// snapshot is every file under HOME: mode and contents.
func (s *script) snapshot() (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(s.home, func(path string, d fs.DirEntry, err error) error {
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

func scriptKeep(ts *testscript.TestScript, args []string) {
	s := scriptOf(ts)
	files, err := s.snapshot()
	ts.Check(err)
	s.kept[args[0]] = files
}

func scriptSame(ts *testscript.TestScript, not bool, args []string) {
	s := scriptOf(ts)
	was, kept := s.kept[args[0]]
	if !kept {
		ts.Fatalf("keep %s comes first", args[0])
	}
	now, err := s.snapshot()
	ts.Check(err)
	var other []string
	for path := range now {
		if was[path] != now[path] {
			other = append(other, path)
		}
	}
	for path := range was {
		if _, there := now[path]; !there {
			other = append(other, path+" is gone")
		}
	}
	slices.Sort(other)
	if (len(other) == 0) == not {
		ts.Fatalf("other than before: %q", other)
	}
}
