package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"anywhere/doctor"
	"anywhere/pki/foreign"
)

// maxEvidence bounds a file of saved evidence, which is anybody's.
const maxEvidence = 4 << 20

// notSaved is that evidence could not be written. The report stands all the same.
type notSaved struct{ error }

func (e *notSaved) Unwrap() error { return e.error }

// saveEvidence shows the evidence with names replaced and writes it, readable by
// this user alone. Where somebody can answer it asks first; a script has asked for it
// by the flag, and a file on this machine has gone nowhere yet.
func (a *app) saveEvidence(e *doctor.Evidence, f doctorFlags) error {
	data := doctor.Saved(e)
	fmt.Fprintf(a.stderr, "This is all that goes into %s:\n%s", foreign.Text(f.save), data)
	if a.terminal && !f.yes {
		fmt.Fprint(a.stderr, "Type yes to write it: ")
		answer, err := bufio.NewReader(a.stdin).ReadString('\n')
		if err != nil && answer == "" || strings.TrimSpace(answer) != "yes" {
			fmt.Fprintln(a.stderr, "Nothing was written.")
			return nil
		}
	}
	if err := a.disk.Create(f.save, data, 0o600); err != nil {
		fix := "write to a directory of yours, and look at it before you send it"
		if errors.Is(err, fs.ErrExist) {
			fix = "name a file that is not there yet"
		}
		return &hinted{fmt.Errorf("save evidence: %w", err), fix}
	}
	return nil
}

// diagnoseSaved judges evidence of somebody else. It follows no path in it and
// repairs nothing.
func (a *app) diagnoseSaved(name string, f doctorFlags) ([]doctor.Report, error) {
	if f.fix != "" || name != "" || f.save != "" || f.line.given() || f.awsProfile != "" {
		return nil, &usageError{"--from stands alone: saved evidence is judged and nothing else", "anywhere doctor --from " + f.from}
	}
	file, err := os.Open(f.from)
	if err != nil {
		return nil, &usageError{err.Error(), "anywhere doctor NAME --save FILE writes such a file"}
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxEvidence+1))
	if err == nil && len(data) > maxEvidence {
		err = fmt.Errorf("it is larger than %d bytes", maxEvidence)
	}
	var e *doctor.Evidence
	if err == nil {
		e, err = doctor.DecodeEvidence(data)
	}
	if err != nil {
		return nil, &usageError{fmt.Sprintf("read evidence %s: %v", f.from, err), "anywhere doctor NAME --save FILE writes such a file"}
	}
	return []doctor.Report{doctor.Diagnose(e)}, nil
}
