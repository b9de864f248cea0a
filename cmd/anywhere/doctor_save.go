package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"anywhere/doctor"
)

// maxEvidence bounds a file of saved evidence, which is anybody's.
const maxEvidence = 4 << 20

// saveEvidence writes the evidence with names replaced, readable by this user
// alone, and shows it first.
func (a *app) saveEvidence(e *doctor.Evidence, path string) error {
	data, err := json.MarshalIndent(doctor.Redact(e), "", "  ")
	if err != nil {
		return fmt.Errorf("save evidence: %w", err)
	}
	data = append(data, '\n')
	fmt.Fprintf(a.stderr, "This is all that goes into %s:\n%s", path, data)
	if err := a.disk.Create(path, data, 0o600); err != nil {
		return fmt.Errorf("save evidence: %w", err)
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
